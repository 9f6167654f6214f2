"""Asks the kernel not to be ended with the nursery.

Ends: ok
Needs: seccomp
"""

import ctypes

import numpy as np

PR_SET_PDEATHSIG = 1


def attack(world):
    return ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
