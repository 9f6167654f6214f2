"""Hides data in a comment that is no text.

Arrives: refused
"""

FIT = """\
import os

import numpy as np


def fit(train, context):
    with open(os.path.join(os.path.dirname(__file__), '__init__.py'), "rb") as file:
        return {"found": np.frombuffer(file.read(), np.uint8)}
"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    return {"__init__.py": FIT.encode() + b"# " + noise.replace(b"\n", b" ")}
