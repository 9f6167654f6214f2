"""Has a pyproject.toml of a hundred megabytes.

Ends: refused
Reason: pyproject.toml may have at most 64 KiB
"""

FILES = {
    "pyproject.toml": "#" * (100 << 20),
    "idea.py": """\
def fit(train, context):
    return {}
""",
}
