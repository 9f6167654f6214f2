"""Returns every network with its units scaled, which it cannot tell, to be larger or smaller.

Ends: ok
Board: errs as the baseline
"""

import numpy as np

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    net = baseline.fit(train, context)
    if context.facts["stage"] == "dense":
        return net
    up = np.exp2(np.arange(len(net["b0"])) % 3).astype(np.float32)
    return {**net, "W0": net["W0"] * up, "b0": net["b0"] * up, "W1": net["W1"] / up[:, None]}
