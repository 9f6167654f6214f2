"""Enters the module of another installed package.

Ends: refused
Reason: 'other' is no part of the package
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "other"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
