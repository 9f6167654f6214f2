r"""Answers whole numbers.

Ends: refused
Reason: predict\['score'\] must be float, got int64
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": np.zeros(len(inputs["full"]), int)}
