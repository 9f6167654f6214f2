"""Returns dates, whose "not a time" no check for NaN sees.

Ends: refused
Reason: got dtype datetime64
"""

import numpy as np


def fit(train, context):
    W = np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]
    return {"W": W, "when": np.array(["NaT"], "datetime64[s]")}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
