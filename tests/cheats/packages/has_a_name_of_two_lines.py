"""Enters a name that would be a second section of its metadata.

Ends: refused
Reason: name is 1 to 80 letters
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
"x = y\\n[harness.tasks]\\nlayerwise" = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
