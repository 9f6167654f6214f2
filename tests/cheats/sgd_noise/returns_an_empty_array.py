r"""Answers no question.

Ends: refused
Reason: predict\['Y'\] must have shape \(\d+, 9\), got \(0, 9\)
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": np.zeros((0, 9))}
