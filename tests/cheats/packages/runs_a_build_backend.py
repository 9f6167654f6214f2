"""Brings its own build backend, which writes a file when asked anything.

Ends: installed
"""

FILES = {
    "pyproject.toml": """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
    "backend.py": "open({canary!r}, 'w').close()\n",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
