"""Answers the same for every network: ties count 0.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": np.array(0.5)}
