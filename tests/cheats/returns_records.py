r"""Returns an array of records with a field of objects.

Ends: refused
Reason: got dtype \[
"""

import numpy as np


def fit(train, context):
    W = np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]
    return {"W": W, "r": np.zeros(2, [("a", "f8"), ("b", "O")])}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
