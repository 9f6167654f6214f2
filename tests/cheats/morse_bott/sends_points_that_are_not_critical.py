"""Sends random points: none is critical after the polish, or the polish found it.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    rng = np.random.default_rng(context.seed)
    return {"points": 3 * rng.standard_normal((40, len(train["c"])))}
