"""Enters a submission by the name of another student's.

Ends: refused
Reason: has a submission 'other' already
By path: installed
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
other = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
