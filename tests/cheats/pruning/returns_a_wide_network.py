r"""Returns a network with more units.

Ends: refused
Reason: fit \(dense\)\['W0'\] must have shape \(24, 128\), got \(24, 200\)
"""

import numpy as np


def fit(train, context):
    widths = [24, 200, 64, 4]
    net = {f"W{k}": np.zeros((widths[k], widths[k + 1])) for k in range(3)}
    return net | {f"b{k}": np.zeros(widths[k + 1]) for k in range(3)}
