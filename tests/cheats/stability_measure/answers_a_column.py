r"""Answers a column in place of a row.

Ends: refused
Reason: predict\['score'\] must have shape \(\d+,\), got \(\d+, 1\)
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": np.zeros((len(inputs["full"]), 1))}
