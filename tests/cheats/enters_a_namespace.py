"""Becomes root of a new user namespace.

Ends: ok
Needs: seccomp
"""

import ctypes

import numpy as np


def attack(world):
    return ctypes.CDLL(None).unshare(0x10000000) == 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
