"""Looks for something to use among the descriptors it was born with.

Ends: ok
"""

import os

import numpy as np


def attack(world):
    held = {fd: os.readlink(f"/proc/self/fd/{fd}") for fd in map(int, os.listdir("/proc/self/fd"))}
    listing = max(held)
    allowed = {0, 1, 2, 3, listing}
    return bool(set(held) - allowed)


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
