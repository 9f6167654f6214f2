"""Divides by infinity in the second layer.

Ends: refused
Reason: log_divisor.* must be finite
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    if "norm" in inputs:
        return {}
    return {"log_divisor": np.where(inputs["layer"] == 1, np.inf, 0.0)}
