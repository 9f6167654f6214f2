"""Leaves its process group, so as not to be killed with it.

Ends: ok
Needs: seccomp
"""

import os

import numpy as np


def attack(world):
    os.setpgid(0, os.getppid())
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
