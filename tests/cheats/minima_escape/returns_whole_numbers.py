r"""Answers whole numbers.

Ends: refused
Reason: predict\['Y'\] must be float, got int64
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": np.zeros((len(inputs["X"]), 1), int)}
