"""Answers the same for every recipe: ties count 0.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": np.full(len(inputs["full"]), 0.5)}
