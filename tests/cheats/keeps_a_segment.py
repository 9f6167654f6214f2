"""Leaves a System V segment for predict.

Ends: ok
Needs: namespaces
"""

import contextlib
import ctypes

import numpy as np

KEY = 0x7E57


def hide():
    ctypes.CDLL(None).shmget(KEY, 4096, 0o1666)


def find():
    return ctypes.CDLL(None).shmget(KEY, 4096, 0o666) >= 0


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
