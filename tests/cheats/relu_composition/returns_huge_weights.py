r"""Scales a layer up beyond what is allowed, and its readers down.

Ends: refused
Reason: fit \(cell r2_eps0.5\): 'l0.data' must be finite and at most 10000 in size
"""

from submissions.baselines.approximation import relu_composition as baseline


def fit(train, context):
    net = baseline.fit(train, context)
    return net | {"l0.data": 1e5 * net["l0.data"], "l1.data": 1e-5 * net["l1.data"]}
