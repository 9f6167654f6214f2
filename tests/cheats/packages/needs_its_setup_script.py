"""States its entry points in setup.py alone, which would have to be run.

Ends: refused
Reason: states no .project.entry-points..*build a wheel
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"
dynamic = ["entry-points"]
""",
    "setup.py": "open({canary!r}, 'w').close()\n",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
