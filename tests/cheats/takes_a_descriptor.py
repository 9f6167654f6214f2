"""Takes an open file out of another process.

Ends: ok
Needs: seccomp
"""

import ctypes
import os

import numpy as np

PIDFD_GETFD = 438


def attack(world):
    handle = os.pidfd_open(world["victim"])
    return ctypes.CDLL(None).syscall(PIDFD_GETFD, handle, 0, 0) >= 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
