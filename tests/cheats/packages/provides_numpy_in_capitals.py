"""Provides Numpy, which a disk without cases takes for numpy.

Ends: refused
Reason: provides 'NumPy', a library that is installed here
"""

FILES = {
    "pyproject.toml": """\
[project]
name = "idea"
version = "1.0"

[project.entry-points."harness.submissions.layerwise"]
idea = "NumPy"
""",
    "NumPy.py": """\
def fit(train, context):
    return {}
""",
}
