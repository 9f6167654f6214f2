"""Is a package by the name of the harness.

Ends: refused
Reason: 'Theory_Harness' is the name of another package
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "Theory_Harness"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
