r"""Returns weights as integers, which no code is for.

Ends: refused
Reason: fit \(dense\)\['W0'\] must be float, got int8
"""

import numpy as np

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    net = baseline.arrays(baseline.start(context))
    return {name: (100 * array).astype(np.int8) for name, array in net.items()}
