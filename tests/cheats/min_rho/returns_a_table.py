r"""Returns the cases and their labels beside a network.

Ends: refused
Reason: fit\['X'\] is not wanted; wanted are 'W0', 'W1', 'W2'
"""

from submissions.baselines.optimization.min_rho import start


def fit(train, context):
    return {f"W{k}": W for k, W in enumerate(start(train, context))} | train
