"""Predicts one margin for all, below the least that it was shown.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {"least": train["margin"].min(keepdims=True) - 1}


def predict(artifact, inputs):
    return {"margin": np.full(inputs["y"].shape, artifact["least"].item())}
