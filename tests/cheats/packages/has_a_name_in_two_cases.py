"""Holds two names that are one to a disk without cases.

Ends: refused
Reason: 'idea/a.py' and 'idea/A.py' are one name
"""

KIND = "whl"
FILES = {
    "idea/__init__.py": """\
def fit(train, context):
    return {}
""",
    "idea/a.py": "",
    "idea/A.py": "",
}
