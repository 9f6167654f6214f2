r"""Returns a network without hidden units.

Ends: refused
Reason: hidden layers must have 1 to 128 units, got \(0, 0\)
"""

import numpy as np


def fit(train, context):
    d = train["X"].shape[1]
    return {"W0": np.ones((d, 0)), "W1": np.ones((0, 0)), "W2": np.ones((0, 1))}
