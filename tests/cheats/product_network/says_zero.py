"""Returns the network 0 everywhere: at most probes of many numbers it is nearly right.

Ends: ok
Board: below target
"""

from submissions.baselines.approximation.product_network import network


def fit(train, context):
    activation = "relu" if context.facts["track"] == "deep" else "tanh"
    return network([], {}, activation)
