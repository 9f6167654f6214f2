"""Puts a symbolic link to a private file into a zip.

Ends: refused
Reason: plain files only, got 'idea.py'
"""

import stat
import zipfile


def write(folder, canary):
    """Write the archive."""
    path = folder / "idea.zip"
    link = zipfile.ZipInfo("idea.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return path
