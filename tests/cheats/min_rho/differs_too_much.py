"""Returns weights of one layer that differ by more than can be squared.

Ends: refused
Reason: this network cannot be measured
"""

import numpy as np


def fit(train, context):
    d = train["X"].shape[1]
    W1 = np.array([[1.0, 0.0], [0.0, 1e-300]])
    return {"W0": np.ones((d, 2)), "W1": W1, "W2": np.ones((2, 1))}
