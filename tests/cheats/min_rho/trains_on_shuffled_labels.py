"""Trains on labels in another order.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.optimization import min_rho


def fit(train, context):
    rng = np.random.default_rng(0)
    return min_rho.fit(train | {"y": rng.permutation(train["y"])}, context)
