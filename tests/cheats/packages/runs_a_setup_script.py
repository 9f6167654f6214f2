"""Writes a file from setup.py, which an installer would run.

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
    "setup.py": "open({canary!r}, 'w').close()\n",
    "setup.cfg": """\
[options]
py_modules = idea
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
