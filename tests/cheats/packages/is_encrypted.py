"""Is a zip that asks for a password.

Ends: refused
Reason: cannot be read
"""

import zipfile


def write(folder, canary):
    """Write the archive and mark its file as encrypted."""
    path = folder / "idea.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("idea.py", "x = 1")
    whole = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(mark) + offset] |= 1
    path.write_bytes(whole)
    return path
