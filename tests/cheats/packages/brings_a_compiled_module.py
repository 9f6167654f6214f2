"""Brings a compiled module, which nobody could read or weigh.

Ends: refused
Reason: 'idea/fast.so', which is compiled
"""

KIND = "whl"
FILES = {
    "idea/__init__.py": """\
def fit(train, context):
    return {}
""",
    "idea/fast.so": b"\x7fELF",
}
