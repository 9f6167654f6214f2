"""Returns a tree without nodes.

Ends: refused
Reason: child and mode must have shapes
"""

import numpy as np


def fit(train, context):
    return {"child": np.empty((0, 2), np.int32), "mode": np.empty(0, np.int32)}
