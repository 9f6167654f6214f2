"""Has a version that leads out of its folder.

Ends: refused
Reason: A package's version is
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1/../../../x"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
