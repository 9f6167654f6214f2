"""Naive: lazy SGD, from the difference of two networks that start alike, at twice He's size.

Chizat, Oyallon, Bach, On Lazy Training in Differentiable Programming, NeurIPS 2019, arXiv
1812.07956: scaled up, and begun at f = 0, training hardly moves the weights. The blocks that would
connect the two networks start at zero and are trained as the others.
"""

import numpy as np

from submissions.baselines.optimization.min_rho import BATCH, descend, start

SCALE, RATE = 2.0, 0.01


def fit(train, context):
    """Train the pair by SGD."""
    weights = pair(start(train, context, SCALE))
    return descend(weights, train, context, batch=BATCH, rate=RATE)


def pair(one, other=None):
    """Return the network that is one less the other, by default itself."""
    W0, W1, W2 = one
    V0, V1, V2 = one if other is None else other
    zeros = np.zeros_like(W1)
    return [np.hstack([W0, V0]), np.block([[W1, zeros], [zeros, V1]]), np.vstack([W2, -V2])]
