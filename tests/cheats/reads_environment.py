"""Reads the environment of the examiner and of the nursery.

Ends: ok
Needs: landlock
"""

import os
import pathlib

import numpy as np


def attack(world):
    found = False
    for pid in (world["examiner"], world["nursery"], os.getppid()):
        try:
            found |= bool(pathlib.Path(f"/proc/{pid}/environ").read_bytes())
        except OSError:
            continue
    return found


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
