"""Reads the examiner's memory through /proc.

Ends: ok
Needs: landlock
"""

import os

import numpy as np


def attack(world):
    memory = os.open(f"/proc/{world['examiner']}/mem", os.O_RDONLY)
    return memory >= 0


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
