"""Names a file above its folder in a zip.

Ends: refused
Reason: needs a plain relative name
"""

KIND = "zip"
FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
    "src/../../../escaped.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
