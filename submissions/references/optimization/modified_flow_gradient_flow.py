"""Gradient flow, x' = -F: the naive one, of first order in eta."""

import numpy as np


def fit(train, context):
    """Return the equation."""
    return {"points": np.array([[1.0, 0, 0]]), "rates": np.array([[0.0, 0, -1]])}
