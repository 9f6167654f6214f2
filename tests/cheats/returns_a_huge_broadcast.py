"""Returns one number as ten terabytes.

Ends: refused
Reason: more than 256 MiB
"""

import numpy as np


def fit(train, context):
    W = np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]
    return {"W": W, "more": np.broadcast_to(np.float64(1), (10, 1 << 37))}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
