"""Returns an array of 32 dimensions.

Ends: ok
"""

import numpy as np


def fit(train, context):
    W = np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]
    return {"W": W, "more": np.zeros((1,) * 32)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
