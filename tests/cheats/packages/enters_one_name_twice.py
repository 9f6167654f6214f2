"""Enters two submissions that are one name to a reader.

Ends: refused
Reason: too much alike
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
Idea = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
