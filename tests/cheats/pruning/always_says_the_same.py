"""Returns networks that say one class whatever they are asked, in no bytes at all.

Ends: ok
Board: knows nothing
"""

import numpy as np

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    net = baseline.arrays(baseline.start(context))
    return {name: np.zeros_like(array) for name, array in net.items()}
