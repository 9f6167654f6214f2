"""Has more files than a submission may have.

Ends: refused
Reason: at most 1,000 files
"""

import zipfile


def write(folder, canary):
    """Write the archive."""
    path = folder / "idea-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("idea-1.0.dist-info/METADATA", "Name: idea\nVersion: 1.0\n")
        archive.writestr(
            "idea-1.0.dist-info/entry_points.txt",
            "[harness.submissions.layerwise]\nidea = idea\n",
        )
        archive.writestr("idea/__init__.py", "")
        for n in range(1001):
            archive.writestr(f"idea/{n}", "")
    return path
