"""Writes into a file of the runtime.

Ends: ok
Needs: landlock
"""

import numpy as np


def attack(world):
    with open(world["library"], "ab") as file:
        file.write(b"print()")
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
