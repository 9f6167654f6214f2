"""Takes the machine's asynchronous requests, of which there is one count for all.

Ends: ok
Needs: seccomp
"""

import ctypes

import numpy as np


def attack(world):
    return ctypes.CDLL(None).syscall(206, 60_000, ctypes.byref(ctypes.c_ulong(0))) == 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
