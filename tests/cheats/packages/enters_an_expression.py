"""Enters what would have to be run to be found.

Ends: refused
Reason: is no module: write package.module
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea:fit()"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
