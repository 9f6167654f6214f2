"""Holds two folders that are one to a disk without cases.

Ends: refused
Reason: are one name to some disks
"""

KIND = "whl"
FILES = {
    "idea/__init__.py": """\
def fit(train, context):
    return {}
""",
    "Idea/__init__.py": "",
}
