"""Enters a module with a Cyrillic letter.

Ends: refused
Reason: is no module
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "ideа"
""",
    "ideа.py": """\
def fit(train, context):
    return {}
""",
}
