"""Z^1.5 in place of Z in the second layer: rows of large scores are divided by more."""

import numpy as np


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return half of log Z more."""
    if "scores" not in inputs:
        return {}
    return {"log_divisor": np.where(inputs["layer"] == 1, 0.5 * log_sum(inputs["scores"]), 0)}


def log_sum(scores):
    """Return the logarithm of the sum of exponentials of rows in decreasing order."""
    largest = scores[:, :1]
    return largest[:, 0] + np.log(np.exp(scores - largest).sum(1))
