"""Names a file from the root on.

Ends: refused
Reason: needs a plain relative name
"""

KIND = "whl"
FILES = {
    "/tmp/harness-escaped.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
