"""Tells seen from unseen by what comes twice, and errs where it likes.

Ends: refused
Reason: must depend on its own question alone
"""

import numpy as np


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    X = inputs["X"]
    order = np.argsort(X[:, 0])
    Y = X @ artifact["W"]
    Y[order[::2]] += 0.1
    return {"Y": Y}
