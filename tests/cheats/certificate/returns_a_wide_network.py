r"""Returns a network of 129 units.

Ends: refused
Reason: must be the parameters of a network 24-W-W-4 with W from 1 to 128, .* got 20515
"""

import numpy as np


def fit(train, context):
    return {"weights": np.zeros(129**2 + 30 * 129 + 4)}
