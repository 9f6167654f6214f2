"""Names a file by a drive and with backslashes, as one system understands it.

Ends: refused
Reason: needs a plain relative name
"""

KIND = "whl"
FILES = {
    "C:\\escaped.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
