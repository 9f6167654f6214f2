"""Brings a .pth file, which Python would run at every start.

Ends: refused
Reason: 'idea.pth', which would run at every start of Python
"""

KIND = "whl"
FILES = {
    "idea.pth": "import os; open({canary!r}, 'w').close()\n",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
