"""Provides leaderboard in place of ours.

Ends: refused
Reason: provides 'leaderboard', a module of the harness
"""

KIND = "whl"
FILES = {
    "leaderboard/__init__.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
