"""Holds one name twice, so that two readers see two programs.

Ends: refused
Reason: holds 'idea.py' twice
"""

import warnings
import zipfile


def write(folder, canary):
    """Write the archive."""
    path = folder / "idea.whl"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("idea.py", "")
        archive.writestr("idea.py", "x = 1")
    return path
