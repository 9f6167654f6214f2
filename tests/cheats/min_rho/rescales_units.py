"""Rescales every hidden unit by a power of two, which leaves the function alone.

Ends: ok
Board: as the baseline
"""

import numpy as np

from submissions.baselines.optimization import min_rho


def fit(train, context):
    network = min_rho.fit(train, context)
    rng = np.random.default_rng(0)
    for before, after in (("W0", "W1"), ("W1", "W2")):
        c = 2.0 ** rng.integers(-8, 9, network[before].shape[1])
        network[before] = (network[before] * c).astype(np.float32)
        network[after] = (network[after] / c[:, None]).astype(np.float32)
    return network
