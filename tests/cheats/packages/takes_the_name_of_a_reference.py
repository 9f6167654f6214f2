"""Enters a submission by the name of a reference, but for its -.

Ends: refused
Reason: has a submission 'one-sweep' already
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
one-sweep = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
