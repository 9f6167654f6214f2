"""Adds a file that every Python would run at its start.

Ends: ok
Needs: landlock
"""

import pathlib

import numpy as np


def attack(world):
    pathlib.Path(world["runtime"], "evil.pth").write_text("import this")
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
