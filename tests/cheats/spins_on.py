"""Leaves a thread that works on after fit has returned.

Ends: ok
"""

import threading

import numpy as np


def spin():
    while True:
        pass


def fit(train, context):
    threading.Thread(target=spin, daemon=True).start()
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
