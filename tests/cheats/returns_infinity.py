r"""Returns infinity.

Ends: refused
Reason: fit\['W'\] must be finite, got 15 NaN or infinite
"""

import numpy as np


def fit(train, context):
    W = np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]
    return {"W": W + np.inf}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
