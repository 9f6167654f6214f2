"""Answers anew each time it is asked, by a number that nothing fixes.

Ends: refused
Reason: must depend on its own question alone
"""

import os

import numpy as np


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    noise = int.from_bytes(os.urandom(4), "little") / 2**32
    return {"Y": inputs["X"] @ artifact["W"] + noise}
