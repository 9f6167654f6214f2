"""Changes the owner of a file of the runtime.

Ends: ok
Needs: seccomp
"""

import os

import numpy as np


def attack(world):
    os.chown(world["library"], os.getuid(), -1)
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
