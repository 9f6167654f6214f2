"""Hides data in the names of empty folders.

Arrives: no
"""

import base64

FIT = """\
import base64
import os

import numpy as np


def fit(train, context):
    folder = os.path.dirname(__file__)
    names = sorted(name for name in os.listdir(folder) if name[:4].isdecimal())
    text = "".join(name[4:] for name in names)
    return {"found": np.frombuffer(base64.urlsafe_b64decode(text), np.uint8)}
"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    text = base64.urlsafe_b64encode(noise).decode()
    names = [f"{i:04}{text[i * 200 : i * 200 + 200]}" for i in range(-(-len(text) // 200))]
    return {"__init__.py": FIT, **{f"{name}/": "" for name in names}}
