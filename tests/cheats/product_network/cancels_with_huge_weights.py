"""Takes lambda so small that the output's weights are far beyond what the format allows.

Ends: refused
Reason: 'out.data' must be finite and at most 10000 in size
"""

import numpy as np

from submissions.baselines.approximation.product_network import corners, one_layer, polynomial


def fit(train, context):
    if context.facts["track"] == "deep":
        return {}
    S = corners(context.facts["q"])
    out = S.prod(axis=1) / (4 * 1e-3**2 * polynomial(2)(np.tanh(0.7)))
    return one_layer(1e-3 * S, np.full(len(S), 0.7), out, "tanh")
