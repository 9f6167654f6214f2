r"""Returns more units than are allowed.

Ends: refused
Reason: hidden layers must have 1 to 128 units, got \(129, 4\)
"""

import numpy as np


def fit(train, context):
    d = train["X"].shape[1]
    return {"W0": np.ones((d, 129)), "W1": np.ones((129, 4)), "W2": np.ones((4, 1))}
