"""Connects to a socket in the file system.

Ends: ok
Needs: seccomp
"""

import socket

import numpy as np


def attack(world):
    socket.socket(socket.AF_UNIX).connect(world["unix"])
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
