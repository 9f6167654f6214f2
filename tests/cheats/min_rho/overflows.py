"""Returns weights whose product is beyond double precision.

Ends: refused
Reason: the network's output is not finite: scale its weights down
"""

import numpy as np


def fit(train, context):
    d = train["X"].shape[1]
    return {"W0": np.ones((d, 2)) * 1e200, "W1": np.ones((2, 2)) * 1e200, "W2": np.ones((2, 1))}
