"""Provides submissions in place of ours.

Ends: refused
Reason: provides 'submissions', a module of the harness
"""

KIND = "whl"
FILES = {
    "submissions/__init__.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
