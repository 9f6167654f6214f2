"""Sends as many random starts as there may be and lets the task's polish do the search.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    rng = np.random.default_rng(context.seed)
    return {"points": (0.5 * rng.standard_normal((256, len(train["c"])))).astype(np.float16)}
