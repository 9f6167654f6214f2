"""Takes lambda so small that the sum is exact in float64 and noise in float32.

No weight may exceed 1e4, so every neuron is there many times.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.approximation.product_network import (
    MOST,
    corners,
    one_layer,
    polynomial,
)

COPIES, BIAS = 128, 0.7


def fit(train, context):
    if context.facts["track"] == "deep" or context.facts["q"] > 2:
        return {}
    q = context.facts["q"]
    S = np.tile(corners(q), (COPIES, 1))
    derivative = abs(polynomial(q)(np.tanh(BIAS)))
    scale = (1 / (0.99 * MOST * COPIES * 2**q * derivative)) ** (1 / q)
    out = S.prod(axis=1) / (COPIES * 2**q * scale**q * polynomial(q)(np.tanh(BIAS)))
    return one_layer(scale * S, np.full(len(S), BIAS), out, "tanh")
