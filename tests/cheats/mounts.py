"""Mounts a file system over its folder.

Ends: ok
Needs: seccomp
"""

import ctypes

import numpy as np


def attack(world):
    return ctypes.CDLL(None).mount(b"none", b".", b"tmpfs", 0, None) == 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
