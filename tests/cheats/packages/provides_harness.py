"""Provides harness in place of ours.

Ends: refused
Reason: provides 'harness', a module of the harness
"""

KIND = "whl"
FILES = {
    "harness/__init__.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
