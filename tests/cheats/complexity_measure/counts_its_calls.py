r"""Answers by the place of the question, which a drawn order makes worthless, and more.

Ends: refused
Reason: predict\['score'\] must depend on the network that is asked about alone
"""

import numpy as np

CALLS = []


def fit(train, context):
    return {}


def predict(artifact, inputs):
    CALLS.append(0)
    return {"score": np.array(float(len(CALLS)))}
