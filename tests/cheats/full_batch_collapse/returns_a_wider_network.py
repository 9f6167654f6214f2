r"""Returns a layer of another shape.

Ends: refused
Reason: \['W1'\] must have shape \(64, 64\), got \(64, 65\)
"""

import numpy as np


def fit(train, context):
    return train | {"W1": np.ones((64, 65))}
