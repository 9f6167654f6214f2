"""The mean of what was shown, whatever the row: naive."""

import numpy as np

from submissions.references.optimization.simple_first_line import least_squares


def fit(train, context):
    """Take the mean, where a step beyond the end may be any."""
    ones = np.ones((len(train["Y"]), 1))
    return {"mean": least_squares(ones, train["Y"][:, 0], train["known"][:, 0])}


def predict(artifact, inputs):
    """Answer it."""
    return {"Y": np.tile(artifact["mean"], (len(inputs["X"]), 1))}
