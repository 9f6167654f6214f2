r"""Returns an array of text.

Ends: refused
Reason: fit\['note'\] must be bool, integer or float, got dtype <U5
"""

import numpy as np


def fit(train, context):
    W = np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]
    return {"W": W, "note": np.array("hello")}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
