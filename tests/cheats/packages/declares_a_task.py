"""Declares a task beside its submission, which would examine everybody.

Ends: refused
Reason: declares a task
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"

[project.entry-points."harness.tasks"]
layerwise = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
