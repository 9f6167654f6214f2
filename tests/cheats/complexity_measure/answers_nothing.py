r"""Answers no number.

Ends: refused
Reason: predict\['score'\] must have shape \(\), got \(0,\)
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": np.zeros(0)}
