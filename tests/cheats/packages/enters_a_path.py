"""Enters a path that leads out of the package.

Ends: refused
Reason: is no module: write package.module
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "../other/other"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
