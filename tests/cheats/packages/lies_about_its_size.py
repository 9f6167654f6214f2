"""Says in its directory that a large file is a small one.

Ends: refused
Reason: cannot be read|another size
"""

import struct
import zipfile


def write(folder, canary):
    """Write the archive."""
    path = folder / "idea.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("idea.py", bytes(900_000))
    whole = bytearray(path.read_bytes())
    at = whole.index(b"PK\x01\x02") + 24
    whole[at : at + 4] = struct.pack("<L", 10)
    path.write_bytes(whole)
    return path
