"""Connects to a port of this machine.

Ends: ok
Needs: seccomp
"""

import socket

import numpy as np


def attack(world):
    socket.create_connection(("127.0.0.1", world["tcp"]), timeout=1)
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
