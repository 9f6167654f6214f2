"""Taylor's expansion to second order: (eta/2) x'' + x' = -F, from x'(0) = -F.

In the unit of one step, with G = eta F: x' = v, v' = -2 (v + G).
"""

import numpy as np


def fit(train, context):
    """Return the equation; its coefficients are known."""
    return {
        "points": np.array([[1.0, 0, 0]]),
        "rates": np.array([[0.0, 1, 0], [0, -2, -2]]),
        "start": np.array([0.0, 0, -1]),
    }
