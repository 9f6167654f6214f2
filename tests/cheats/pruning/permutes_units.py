"""Returns every network with its hidden units in another order, which may hold a message.

Ends: ok
Board: errs as the baseline
"""

import numpy as np

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    net = baseline.fit(train, context)
    if context.facts["stage"] == "dense":
        return net
    order = np.random.default_rng(0).permutation(len(net["b0"]))
    return {**net, "W0": net["W0"][:, order], "b0": net["b0"][order], "W1": net["W1"][order]}
