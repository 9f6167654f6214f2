"""Lets a stage read itself, so as to keep the gradient of the step's beginning: descent itself.

Ends: refused
Reason: 'points': stage 2 uses itself or a later one
"""

import numpy as np


def fit(train, context):
    return {
        "points": np.array([[1.0, 0, 0, 0], [0, 0, 0, 1]]),
        "rates": np.array([[0.0, 0, 0, -1]]),
    }
