"""Hides data in a string.

Arrives: weighed
"""

import base64

FIT = """\
import base64

import numpy as np


def fit(train, context):
    return {"found": np.frombuffer(base64.b85decode(W), np.uint8)}


"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    text = f"W = {base64.b85encode(noise).decode()!r}\n"
    return {"__init__.py": FIT + text}
