r"""Returns an array of objects.

Ends: refused
Reason: fit\['W'\] must be bool, integer or float, got dtype object
"""

import numpy as np


def fit(train, context):
    return {"W": np.array([object()])}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
