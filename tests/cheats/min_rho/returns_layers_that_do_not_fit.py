"""Returns matrices that cannot be multiplied.

Ends: refused
Reason: must share m and k, got
"""

import numpy as np


def fit(train, context):
    d = train["X"].shape[1]
    return {"W0": np.ones((d, 5)), "W1": np.ones((4, 5)), "W2": np.ones((5, 1))}
