"""Puts a hard link to a file above its folder into a tar.

Ends: refused
Reason: plain files only, got 'idea.py'
"""

import tarfile


def write(folder, canary):
    """Write the archive."""
    path = folder / "idea.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("idea.py")
        link.type, link.linkname = tarfile.LNKTYPE, "../../etc/passwd"
        archive.addfile(link)
    return path
