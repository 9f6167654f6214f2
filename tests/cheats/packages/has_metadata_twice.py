"""Brings two folders of metadata.

Ends: refused
Reason: one folder NAME-VERSION.dist-info, got 2
"""

KIND = "whl"
FILES = {
    "idea.py": """\
def fit(train, context):
    return {}
""",
    "other-1.0.dist-info/METADATA": """\
Name: other
Version: 1.0
""",
}
