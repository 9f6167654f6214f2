"""Learns from the held-out questions: it whitens them by their own covariance.

Ends: refused
Reason: must depend on its own question alone
"""

import numpy as np


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    X = inputs["X"]
    scale = np.linalg.cholesky(np.linalg.inv(np.cov(X.T)))
    return {"Y": X @ scale @ artifact["W"]}
