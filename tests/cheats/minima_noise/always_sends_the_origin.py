"""Sends the origin, a saddle whatever the problem.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {"points": np.zeros((1, len(train["c"])), np.float16)}
