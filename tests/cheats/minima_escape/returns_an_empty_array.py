r"""Answers no question.

Ends: refused
Reason: predict\['Y'\] must have shape \(\d+, 1\), got \(0, 1\)
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": np.zeros((0, 1))}
