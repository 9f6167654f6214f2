r"""Answers whole numbers.

Ends: refused
Reason: predict\['y'\] must be float, got int64
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"y": np.zeros(len(inputs["X"]), int)}
