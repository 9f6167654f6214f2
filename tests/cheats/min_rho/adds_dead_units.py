"""Adds units that feed nothing and units that nothing feeds.

Ends: ok
Board: as the baseline
"""

import numpy as np

from submissions.baselines.optimization import min_rho


def fit(train, context):
    network = min_rho.fit(train, context)
    W0, W1, W2 = (network[name] for name in ("W0", "W1", "W2"))
    W0 = np.hstack([W0, np.ones((len(W0), 3), np.float32)])
    W1 = np.pad(W1, ((0, 3), (0, 5)))
    W2 = np.pad(W2, ((0, 5), (0, 0)), constant_values=7.0)
    return {"W0": W0, "W1": W1, "W2": W2}
