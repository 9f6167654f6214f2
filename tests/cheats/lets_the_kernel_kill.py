"""Makes another process the one that a pipe's readiness kills.

Ends: ok
Needs: seccomp
"""

import fcntl
import os
import signal
import time

import numpy as np

F_SETSIG = 10


def attack(world):
    read, write = os.pipe()
    fcntl.fcntl(read, F_SETSIG, signal.SIGTERM)
    fcntl.fcntl(read, fcntl.F_SETOWN, world["victim"])
    fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC)
    os.write(write, b"now")
    time.sleep(0.2)
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
