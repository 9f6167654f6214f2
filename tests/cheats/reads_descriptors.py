"""Opens the files that the examiner has open.

Ends: ok
Needs: landlock
"""

import os

import numpy as np


def attack(world):
    return bool(os.listdir(f"/proc/{world['examiner']}/fd"))


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
