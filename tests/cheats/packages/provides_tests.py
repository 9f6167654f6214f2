"""Provides tests in place of ours.

Ends: refused
Reason: provides 'tests', a module of the harness
"""

KIND = "whl"
FILES = {
    "tests/__init__.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
