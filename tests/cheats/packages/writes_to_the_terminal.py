"""Has terminal escapes in the name and the version of its metadata.

Ends: refused
Reason: A package's name is.*x1b.2J
"""

KIND = "whl"
FILES = {
    "idea.py": """\
def fit(train, context):
    return {}
""",
    "idea-1.0.dist-info/METADATA": """\
Name: id[2Jea
Version: 1.0
""",
}
