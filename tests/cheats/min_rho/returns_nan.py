r"""Returns a weight that is not a number.

Ends: refused
Reason: fit\['W1'\] must be finite, got 1 NaN
"""

import numpy as np

from submissions.baselines.optimization.min_rho import start


def fit(train, context):
    network = {f"W{k}": W for k, W in enumerate(start(train, context))}
    network["W1"][0, 0] = np.nan
    return network
