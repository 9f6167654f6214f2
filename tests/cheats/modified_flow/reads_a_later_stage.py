"""Takes a direction from a stage that comes later.

Ends: refused
Reason: 'directions': stage 1 uses itself or a later one
"""

import numpy as np


def fit(train, context):
    return {
        "points": np.array([[1.0, 0, 0, 0], [1, 0, 0, 0]]),
        "directions": np.array([[0.0, 0, 0, 1], [0, 0, 0, 0]]),
        "rates": np.array([[0.0, 0, -1, 0]]),
    }
