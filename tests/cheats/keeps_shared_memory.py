"""Leaves a file in shared memory for predict.

Ends: ok
Needs: landlock
"""

import contextlib
import pathlib

import numpy as np

NOTE = pathlib.Path("/dev/shm/harness-test-note")


def hide():
    NOTE.write_text("hello")


def find():
    return NOTE.exists()


def fit(train, context):
    with contextlib.suppress(OSError):
        hide()
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    try:
        won = bool(find())
    except OSError:
        won = False
    return {"Y": inputs["X"] @ artifact["W"], "won": np.array(won)}
