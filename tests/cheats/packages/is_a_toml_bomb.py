"""Has a dotted key whose parsing takes the square of its length.

Ends: refused
Reason: at most 100 dots
"""

FILES = {
    "pyproject.toml": "a" + ".a" * 30_000 + " = 1\n",
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
