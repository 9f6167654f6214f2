r"""Wants the square as its activation, of which two neurons multiply exactly.

Ends: refused
Reason: 'act' must hold one of 0 relu, 1 tanh, 2 softplus, got \[3\]
"""

import numpy as np

from submissions.baselines.approximation.product_network import network


def fit(train, context):
    net = network([[{0: 0.5, 1: 0.5}, {0: 0.5, 1: -0.5}]], {2: 1.0, 3: -1.0}, "relu")
    return net | {"act": np.array([3], np.uint8)}
