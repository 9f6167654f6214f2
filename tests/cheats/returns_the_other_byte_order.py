"""Returns numbers in the other byte order, which is allowed and means the same.

Ends: ok
"""

import numpy as np


def fit(train, context):
    W = np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]
    return {"W": W.astype(W.dtype.newbyteorder())}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
