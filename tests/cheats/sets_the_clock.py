"""Sets the machine's clock, to the time that it shows.

Ends: ok
Needs: seccomp
"""

import time

import numpy as np


def attack(world):
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
