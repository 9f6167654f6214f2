"""Takes a lease on a file of the runtime, so that writers hang.

Ends: ok
Needs: seccomp
"""

import fcntl
import os

import numpy as np


def attack(world):
    file = os.open(world["library"], os.O_RDONLY)
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
