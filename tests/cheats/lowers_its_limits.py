"""Sets its own limits without raising them.

Ends: ok
Needs: seccomp
"""

import resource

import numpy as np


def attack(world):
    resource.setrlimit(resource.RLIMIT_NPROC, (9, 9))
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
