"""Looks for the nursery's control socket among the descriptors, to have it start a phase.

Ends: ok
Needs: landlock
"""

import os
import socket

import numpy as np


def attack(world):
    for number in range(4, 4096):
        try:
            socket.socket(fileno=os.dup(number)).send(b"{}")
            return True
        except OSError:
            continue
    return bool(os.listdir(f"/proc/{world['nursery']}/fd"))


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
