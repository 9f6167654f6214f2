"""Follows the gradient upwards and leaves all bounds.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {"points": np.array([[1.0, 0, 0]]), "rates": np.array([[0.0, 0, 20]])}
