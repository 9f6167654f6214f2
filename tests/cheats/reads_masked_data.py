"""Reads a public copy of the exam's data from the runtime.

Ends: ok
Needs: landlock
"""

import os
import pathlib

import numpy as np


def attack(world):
    assert os.listdir(world["runtime"])
    return bool(pathlib.Path(world["masked"]).read_bytes())


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
