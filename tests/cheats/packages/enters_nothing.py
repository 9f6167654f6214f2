"""Enters nothing.

Ends: refused
Reason: enters nothing
"""

KIND = "whl"
FILES = {
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
POINTS = "[console_scripts]\nidea = idea:main\n"
