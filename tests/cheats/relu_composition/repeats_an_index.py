r"""Names a column twice in a row, to have two weights counted as one.

Ends: refused
Reason: fit \(cell r2_eps0.5\): 'l0.indices' must increase strictly within a row
"""

from submissions.baselines.approximation import relu_composition as baseline


def fit(train, context):
    net = baseline.fit(train, context)
    net["l0.indices"][1] = net["l0.indices"][0]
    return net
