"""Has code that a parser needs all its stack for.

Ends: refused
Reason: this is not Python
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
    "idea.py": "x = " + "-" * 90_000 + "1",
}
