"""Says its name twice, so that two readers see two packages.

Ends: refused
Reason: one line 'Name', got 2
"""

KIND = "whl"
FILES = {
    "idea.py": """\
def fit(train, context):
    return {}
""",
    "idea-1.0.dist-info/METADATA": """\
Name: idea
Name: other
Version: 1.0
""",
}
