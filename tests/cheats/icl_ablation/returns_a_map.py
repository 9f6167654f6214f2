"""Brings weights of its own, a number a key, and so another kernel.

Ends: refused
Reason: log_divisor.* must have shape
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    if "norm" in inputs:
        return {}
    scores = inputs["scores"]
    return {"log_divisor": np.where(np.isfinite(scores), scores, 0)}
