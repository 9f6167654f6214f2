"""Trains on labels in another order.

Ends: ok
Board: knows nothing
"""

import numpy as np

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    shuffled = np.random.default_rng(0).permutation(train["y"])
    return baseline.fit({**train, "y": shuffled}, context)
