"""Answers the mean of what it has seen, whatever is asked.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {"mean": train["y"].mean()}


def predict(artifact, inputs):
    return {"y": np.full(len(inputs["X"]), artifact["mean"])}
