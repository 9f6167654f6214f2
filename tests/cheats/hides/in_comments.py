"""Hides data in comments and reads its own file.

Arrives: no
"""

import base64

FIT = """\
import base64

import numpy as np


def fit(train, context):
    with open(__file__, "rb") as file:
        text = file.read()
    return {"found": np.frombuffer(base64.b85decode(text.rpartition(b"# ")[2].strip()), np.uint8)}
"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    return {"__init__.py": FIT + "# " + base64.b85encode(noise).decode() + "\n"}
