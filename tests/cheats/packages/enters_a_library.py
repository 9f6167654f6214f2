"""Enters a library of everybody's as its module.

Ends: refused
Reason: 'numpy' is no part of the package|no part of the package
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "numpy"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
