r"""Answers no question.

Ends: refused
Reason: predict\['Y'\] must have shape \(\d+, 4\), got \(0, 4\)
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": np.zeros((0, 4))}
