"""Hands back other scores beside the divisor.

Ends: refused
Reason: scores.* is not wanted
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    if "norm" in inputs:
        return {}
    zeros = np.zeros(len(inputs["n"]))
    return {"log_divisor": zeros, "scores": np.zeros(inputs["scores"].shape)}
