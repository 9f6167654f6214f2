r"""Answers no question.

Ends: refused
Reason: predict\['y'\] must have shape \(\d+,\), got \(0,\)
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"y": np.zeros(0)}
