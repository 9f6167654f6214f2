"""Learns the right method on labels in a wrong order.

Board: below target
"""

import numpy as np


def fit(train, context):
    Y = np.random.default_rng(context.seed).permutation(train["Y"])
    return {"W": np.linalg.lstsq(train["X"], Y, rcond=None)[0]}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
