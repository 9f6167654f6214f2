"""Uses a coefficient that no integrator bears.

Ends: refused
Reason: 'rates' may hold no number beyond
"""

import numpy as np


def fit(train, context):
    return {"points": np.array([[1.0, 0, 0]]), "rates": np.array([[0, 0, -1e9]])}
