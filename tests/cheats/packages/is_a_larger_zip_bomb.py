"""Unpacks to more than a package may have, in files of which each is allowed.

Ends: refused
Reason: at most 64 MiB|times its size
"""

import zipfile


def write(folder, canary):
    """Write the archive."""
    path = folder / "idea.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(9):
            archive.writestr(f"idea/{n}", bytes(8 << 20))
    return path
