"""Hides data in the names of variables.

Arrives: weighed
"""

import base64

FIT = """\
import base64

import numpy as np


def fit(train, context):
    text = "".join(name[1:] for name in held.__code__.co_varnames).replace("_", "=")
    return {"found": np.frombuffer(base64.b32decode(text), np.uint8)}


def held():
"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    text = base64.b32encode(noise).decode().replace("=", "_")
    names = [f"a{text[i : i + 200]}" for i in range(0, len(text), 200)]
    return {"__init__.py": FIT + "".join(f"    {name} = 0\n" for name in names)}
