"""Returns a network of zeros, whose rho is zero.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    d = train["X"].shape[1]
    return {"W0": np.zeros((d, 4)), "W1": np.zeros((4, 4)), "W2": np.zeros((4, 1))}
