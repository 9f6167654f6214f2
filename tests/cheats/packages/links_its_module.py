"""Lets its module be a link to a file of the user's.

Ends: refused
Reason: may hold no links, got 'idea.py'
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
}


def write(folder, canary):
    """Write the folder."""
    path = folder / "idea"
    path.mkdir()
    (path / "pyproject.toml").write_text(FILES["pyproject.toml"])
    (folder / "private.py").write_text("SECRET = 1\n")
    (path / "idea.py").symlink_to(folder / "private.py")
    return path
