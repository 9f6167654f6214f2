"""Hides data in strings that are statements and reads its own file.

Arrives: no
"""

import base64

FIT = """\
import base64

import numpy as np


def fit(train, context):
    with open(__file__, "rb") as file:
        text = file.read()
    return {"found": np.frombuffer(base64.b64decode(text.rpartition(b"==")[2]), np.uint8)}
"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    text = base64.b64encode(noise).decode()
    return {"__init__.py": FIT + f'x = 1\n"=={text}"\n'}
