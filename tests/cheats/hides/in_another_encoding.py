"""Hides data in an encoding that reads them as another program.

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
    text = "# coding: latin-1\n" + FIT + "W = b''.join([])\n# "
    return {"__init__.py": text.encode() + noise.replace(b"\n", b" ").replace(b"\r", b" ")}
