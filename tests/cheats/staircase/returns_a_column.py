r"""Answers a column where a row of numbers is wanted.

Ends: refused
Reason: predict\['y'\] must have shape \(\d+,\), got \(\d+, 1\)
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"y": np.zeros((len(inputs["X"]), 1))}
