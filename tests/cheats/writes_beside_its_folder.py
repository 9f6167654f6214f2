"""Writes a file outside of its scratch folder.

Ends: ok
Needs: landlock
"""

import pathlib

import numpy as np


def attack(world):
    pathlib.Path(world["folder"], "note").write_text("hello")
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
