"""Unpacks eighty megabytes of zeros out of a few hundred kilobytes.

Ends: refused
Reason: at most 64 MiB
"""

import gzip


def write(folder, canary):
    """Write the archive."""
    path = folder / "idea.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for _ in range(20):
            stream.write(bytes(4 << 20))
    return path
