"""Takes away the examiner's open files.

Ends: ok
Needs: seccomp
"""

import resource

import numpy as np


def attack(world):
    resource.prlimit(world["victim"], resource.RLIMIT_NOFILE, (3, 3))
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
