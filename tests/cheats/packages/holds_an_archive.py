"""Hides another wheel in its package, which is data and is never opened.

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
def fit(train, context):
    return {}
""",
    "idea/more.whl": b"PK\x05\x06" + bytes(18),
}
