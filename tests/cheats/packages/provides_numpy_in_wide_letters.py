"""Provides a module that Python reads as numpy, in letters of double width.

Ends: refused
Reason: no module's name
"""

KIND = "whl"
FILES = {
    "ｎumpy.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
