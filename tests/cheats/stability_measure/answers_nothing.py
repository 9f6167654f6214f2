r"""Answers no question.

Ends: refused
Reason: predict\['score'\] must have shape \(\d+,\), got \(0,\)
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": np.zeros(0)}
