"""Holds memory in an anonymous file.

Ends: ok
Needs: seccomp
"""

import os

import numpy as np


def attack(world):
    return os.write(os.memfd_create("hoard"), bytes(1 << 20)) > 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
