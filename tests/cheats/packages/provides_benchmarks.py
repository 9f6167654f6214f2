"""Provides benchmarks in place of ours.

Ends: refused
Reason: provides 'benchmarks', a module of the harness
"""

KIND = "whl"
FILES = {
    "benchmarks/__init__.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
