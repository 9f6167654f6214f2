"""Writes a file when it is imported.

Ends: installed
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
    "idea/__init__.py": """\
open({canary!r}, 'w').close()
def fit(train, context):
    return {}
""",
}
