r"""Returns a weight that is not a number.

Ends: refused
Reason: fit\['W1'\] must be finite, got 1 NaN
"""

import numpy as np

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    net = baseline.arrays(baseline.start(context))
    net["W1"][3, 4] = np.nan
    return net
