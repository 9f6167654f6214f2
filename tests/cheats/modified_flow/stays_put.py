"""Returns x' = 0, which costs no call.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {"points": np.empty((0, 2)), "rates": np.zeros((1, 2))}
