"""Returns the same w whatever it is given.

Ends: refused
Reason: must interpolate
"""

import numpy as np


def fit(train, context):
    return {"w": np.random.default_rng(0).standard_normal(train["phi"].shape[1])}
