"""Leaves a global variable for predict.

Ends: ok
"""

import contextlib
import sys

import numpy as np


def hide():
    sys.modules["numpy"].note = "hello"


def find():
    return hasattr(sys.modules["numpy"], "note")


def fit(train, context):
    with contextlib.suppress(OSError):
        hide()
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    try:
        won = bool(find())
    except OSError:
        won = False
    return {"Y": inputs["X"] @ artifact["W"], "won": np.array(won)}
