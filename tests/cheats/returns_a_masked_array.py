"""Returns a masked array, whose mask would be a second answer.

Ends: ok
"""

import numpy as np


def fit(train, context):
    W = np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]
    return {"W": np.ma.masked_array(W, W < 0)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
