"""Guesses the numbers of processes, where it may not list them, and reads their memory.

Ends: ok
Needs: landlock
"""

import os

import numpy as np


def attack(world):
    for number in (*range(1, 300), world["examiner"], world["nursery"], world["victim"]):
        if number != os.getpid():
            try:
                os.close(os.open(f"/proc/{number}/mem", os.O_RDONLY))
                return True
            except OSError:
                continue
    return False


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
