"""Provides sitecustomize, which Python would import at every start.

Ends: refused
Reason: provides 'sitecustomize', a module of the harness or of Python's start
"""

KIND = "whl"
FILES = {
    "sitecustomize.py": "open({canary!r}, 'w').close()\n",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
