"""Names a file above its folder in a wheel.

Ends: refused
Reason: needs a plain relative name
"""

KIND = "whl"
FILES = {
    "../escaped.py": """\
def fit(train, context):
    return {}
""",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
