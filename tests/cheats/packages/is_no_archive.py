"""Is a wheel by its name alone.

Ends: refused
Reason: cannot be read
"""


def write(folder, canary):
    """Write the file."""
    path = folder / "idea.whl"
    path.write_bytes(b"PK" + bytes(1000))
    return path
