"""Leaves a file in its scratch folder for predict.

Ends: ok
"""

import contextlib
import pathlib

import numpy as np


def hide():
    pathlib.Path("note").write_text("hello")


def find():
    home = pathlib.Path.cwd()
    return list(home.rglob("note")) or list(home.parent.glob("*/note"))


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
