"""Has sixty megabytes of code, to be parsed before they are weighed.

Ends: refused
Reason: code may be at most 100,000 bytes
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "idea"
""",
    "idea.py": "x = 1\n" * (10 << 20 >> 1),
}
