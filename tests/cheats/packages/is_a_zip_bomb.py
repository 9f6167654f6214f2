"""Unpacks to a thousand times its size.

Ends: refused
Reason: unpacks to more than 200 times its size
"""

KIND = "whl"
FILES = {
    "idea.py": """\
def fit(train, context):
    return {}
""",
    "data": bytes(60 << 20),
}
