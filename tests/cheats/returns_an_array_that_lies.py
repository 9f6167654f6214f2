"""Returns an array of a class of its own that says one thing when checked and another when sent.

Ends: refused
Reason: must be finite, got 15 NaN
"""

import numpy as np


class Liar(np.ndarray):
    """Claims to be finite."""

    def __array_ufunc__(self, ufunc, method, *inputs, **more):
        return np.ones(self.shape, bool)

    def all(self, *arguments, **more):
        return True


def fit(train, context):
    W = np.full((train["X"].shape[1], train["Y"].shape[1]), np.nan)
    return {"W": W.view(Liar)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
