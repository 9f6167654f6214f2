r"""Gives a third rate: room for a clock beside x and v.

Ends: refused
Reason: 'rates' must have shape \(1, 3\) for x' or \(2, 3\) for x' and v', got shape \(3, 3\)
"""

import numpy as np

from submissions.baselines.optimization import modified_flow


def fit(train, context):
    known = modified_flow.fit(train, context)
    return known | {"rates": np.vstack([known["rates"], np.zeros((1, 3))])}
