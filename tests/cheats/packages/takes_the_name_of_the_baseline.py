"""Enters a submission by the name of the baseline.

Ends: refused
Reason: has a submission 'Baseline' already
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
Baseline = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
