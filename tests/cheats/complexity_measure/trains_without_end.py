"""Trains networks of its own for every question, and would go on.

Ends: killed
Reason: predict ran longer than
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    x, W = inputs["x"], np.random.default_rng(0).standard_normal((24, 4))
    while True:
        W = W - 1e-3 * x.T @ np.tanh(x @ W)
