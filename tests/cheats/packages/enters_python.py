"""Enters a module of Python itself.

Ends: refused
Reason: no part of the package
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "os"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
