"""Is a package by the name of a library.

Ends: refused
Reason: 'numpy' is the name of another package
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "numpy"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
