r"""Returns ever larger numbers out of weights that are allowed.

Ends: refused
Reason: the network's values are not finite or too large for float32
"""

from submissions.baselines.approximation.product_network import network


def fit(train, context):
    if context.facts["track"] == "shallow":
        return {}
    q = context.facts["q"]
    layers = [[{q - 1 + k if k else 0: 1e4}] for k in range(12)]
    return network(layers, {q + 11: 1e4}, "relu")
