r"""Returns weights that overflow half precision.

Ends: refused
Reason: fit \(dense\)\['W2'\] must be at most 10000 in absolute value
"""

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    net = baseline.arrays(baseline.start(context))
    return {**net, "W2": net["W2"] * 1e30}
