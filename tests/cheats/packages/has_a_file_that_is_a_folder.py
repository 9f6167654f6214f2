"""Holds a file that is a folder, too.

Ends: refused
Reason: both as a file and as a folder
"""

KIND = "whl"
FILES = {
    "idea": "",
    "idea/__init__.py": """\
def fit(train, context):
    return {}
""",
}
