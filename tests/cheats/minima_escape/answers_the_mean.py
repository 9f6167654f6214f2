"""Answers the mean of what it has seen, whatever is asked.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {"mean": train["Y"].mean(0)}


def predict(artifact, inputs):
    return {"Y": np.tile(artifact["mean"], (len(inputs["X"]), 1))}
