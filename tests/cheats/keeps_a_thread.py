"""Leaves a thread that would hand over data while predict runs.

Ends: ok
"""

import contextlib
import threading
import time

import numpy as np


def hide():
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()


def find():
    return threading.active_count() > 1


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
