"""Watches a folder of the runtime the old way, by a signal.

Ends: ok
Needs: seccomp
"""

import fcntl
import os

import numpy as np


def attack(world):
    folder = os.open(world["runtime"], os.O_RDONLY)
    fcntl.fcntl(folder, fcntl.F_NOTIFY, fcntl.DN_CREATE)
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
