"""Names a file by terminal escapes, to be printed with its error.

Ends: refused
Reason: needs a plain relative name.*x1b.2J
"""

KIND = "whl"
FILES = {
    "\x1b[2Jall is well.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
