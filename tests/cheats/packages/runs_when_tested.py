"""Writes a file from a conftest.py, in the project and in the package.

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
    "conftest.py": "open({canary!r}, 'w').close()\n",
    "idea/conftest.py": "open({canary!r}, 'w').close()\n",
    "idea/__init__.py": """\
def fit(train, context):
    return {}
""",
}
