r"""Returns weights that are whole numbers.

Ends: refused
Reason: fit\['W0'\] must be float, got int64
"""

import numpy as np


def fit(train, context):
    d = train["X"].shape[1]
    return {"W0": np.ones((d, 2), np.int64), "W1": np.ones((2, 2)), "W2": np.ones((2, 1))}
