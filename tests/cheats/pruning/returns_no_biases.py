r"""Returns a network without biases, to save their bytes.

Ends: refused
Reason: fit \(dense\)\['b0'\] is missing
"""

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    net = baseline.fit(train, context)
    return {name: array for name, array in net.items() if name.startswith("W")}
