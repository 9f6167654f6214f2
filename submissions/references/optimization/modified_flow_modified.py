"""The modified equation of first order, x' = -F - (eta/2) F'F: the flow of L + (eta/4) |F|^2.

D. Barrett, B. Dherin, Implicit Gradient Regularization, ICLR 2021, arXiv 2009.11162 (not checked
against the source).
"""

import numpy as np


def fit(train, context):
    """Return the equation: stages G and G'G."""
    return {
        "points": np.array([[1.0, 0, 0, 0], [1, 0, 0, 0]]),
        "directions": np.array([[0.0, 0, 0, 0], [0, 0, 1, 0]]),
        "rates": np.array([[0.0, 0, -1, -0.5]]),
    }
