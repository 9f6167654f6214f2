"""Puts a symbolic link to a private file into a tar.

Ends: refused
Reason: plain files only, got 'idea/labels'
"""

import io
import tarfile

PYPROJECT = """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
"""


def write(folder, canary):
    """Write the archive."""
    path = folder / "idea.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in (("pyproject.toml", PYPROJECT), ("idea/__init__.py", "")):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("idea/labels")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return path
