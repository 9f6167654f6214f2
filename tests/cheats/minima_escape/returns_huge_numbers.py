r"""Answers numbers whose squares overflow.

Ends: refused
Reason: predict\['Y'\] must be within 1e\+06, got 1e\+200
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": np.full((len(inputs["X"]), 1), 1e200)}
