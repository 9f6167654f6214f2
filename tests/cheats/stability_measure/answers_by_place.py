r"""Answers by the place of the question.

Ends: refused
Reason: predict\['score'\] must depend on its own question alone
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": np.arange(len(inputs["full"]), dtype=float)}
