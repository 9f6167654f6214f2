"""Enters a task that is not there.

Ends: refused
Reason: no task 'layerwize'. Did you mean 'layerwise'
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwize"]
idea = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
