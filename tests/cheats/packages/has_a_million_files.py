"""Has a million files in its directory, all of them empty.

Ends: refused
Reason: at most 5,000 files
"""

import struct


def write(folder, canary):
    """Write the archive; every entry of the directory points at one and the same file."""
    path = folder / "idea.whl"
    n_files = 1_000_000
    first = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0
    )
    names = (b"%07d" % n for n in range(n_files))
    directory = b"".join(entry + name for name in names)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, len(directory), len(first), 0)
    path.write_bytes(first + directory + end)
    return path
