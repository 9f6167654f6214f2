"""Answers that no wave is ever learned, which nothing contradicts where the end came first.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": np.full((len(inputs["X"]), 1), 6.0)}
