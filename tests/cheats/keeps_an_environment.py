"""Leaves a word in the environment for predict.

Ends: ok
"""

import contextlib
import os

import numpy as np


def hide():
    os.environ["NOTE"] = "hello"


def find():
    return "NOTE" in os.environ


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
