"""Predicts the mean stability of what it was shown, for every sample: hardly any bias.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {"loss": np.maximum(0, 1 - train["margin"]).mean(keepdims=True)}


def predict(artifact, inputs):
    return {"margin": np.full(inputs["y"].shape, 1 - artifact["loss"].item())}
