"""Is a package whose name leads out of the folder of packages.

Ends: refused
Reason: A package's name is
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "../../idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
