"""Provides numpy in place of the library.

Ends: refused
Reason: provides 'numpy', a library that is installed here
"""

KIND = "whl"
FILES = {
    "numpy/__init__.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
