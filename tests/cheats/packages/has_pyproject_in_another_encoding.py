"""Has a pyproject.toml in UTF-16.

Ends: refused
Reason: must be UTF-8
"""

FILES = {
    "pyproject.toml": "[project]".encode("utf-16"),
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
