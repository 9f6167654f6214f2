"""Has arrays in arrays until the parser's stack ends.

Ends: refused
Reason: is no TOML
"""

FILES = {
    "pyproject.toml": "a = " + "[" * 60_000,
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
