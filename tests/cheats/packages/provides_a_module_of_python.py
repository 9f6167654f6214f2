"""Provides json in place of Python's.

Ends: refused
Reason: provides 'json', a module of Python's own library
"""

KIND = "whl"
FILES = {
    "json.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
