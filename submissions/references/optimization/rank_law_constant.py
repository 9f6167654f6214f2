"""The mean of what was shown, whatever the settings: naive."""

import numpy as np


def fit(train, context):
    """Keep the mean."""
    return {"mean": train["Y"].mean(0)}


def predict(artifact, inputs):
    """Answer it."""
    return {"Y": np.tile(artifact["mean"], (len(inputs["X"]), 1))}
