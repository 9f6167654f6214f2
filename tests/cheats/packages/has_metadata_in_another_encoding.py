"""Has metadata in an encoding that two readers read differently.

Ends: refused
Reason: METADATA must be UTF-8
"""

KIND = "whl"
FILES = {
    "idea.py": """\
def fit(train, context):
    return {}
""",
    "idea-1.0.dist-info/METADATA": "Name: id\u00e9a\nVersion: 1.0\n".encode("latin-1"),
}
