r"""Answers one number in a row.

Ends: refused
Reason: predict\['score'\] must have shape \(\), got \(1,\)
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": np.zeros(1)}
