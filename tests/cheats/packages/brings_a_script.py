"""Brings a script and a header for folders of the installation.

Ends: refused
Reason: holds 'idea-1.0.data', scripts or files for other folders
"""

KIND = "whl"
FILES = {
    "idea-1.0.data/scripts/harness": "open({canary!r}, 'w').close()\n",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
