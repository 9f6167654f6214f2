"""Returns no points at all, which is allowed and worth nothing.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {"points": np.empty((0, len(train["c"])))}
