"""Kills the examiner's other processes.

Ends: ok
Needs: seccomp
"""

import os
import signal

import numpy as np


def attack(world):
    for target in (world["victim"], world["nursery"]):
        try:
            os.kill(target, signal.SIGTERM)
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
