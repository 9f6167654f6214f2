"""Enters a submission by the baseline's name with a Cyrillic letter.

Ends: refused
Reason: name is 1 to 80 letters.*u0430seline
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
"bаseline" = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
