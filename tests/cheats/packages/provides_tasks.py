"""Provides tasks in place of ours.

Ends: refused
Reason: provides 'tasks', a module of the harness
"""

KIND = "whl"
FILES = {
    "tasks/__init__.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
