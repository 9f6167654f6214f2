"""Returns complex numbers, which hide half of what they say.

Ends: refused
Reason: got dtype complex128
"""

import numpy as np


def fit(train, context):
    W = np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]
    return {"W": W + 0j}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
