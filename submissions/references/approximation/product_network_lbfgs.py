"""Shallow: a layer of tanh trained by L-BFGS from several starts, the fewest neurons that do.

First the mean square, then the mean eighth power, which is nearer to the largest error; points
inside, on faces and at corners. A cell that no start reaches is declined, as is the deep track.
"""

import numpy as np
from scipy.optimize import minimize

from submissions.baselines.approximation.product_network import (
    MOST,
    hard_points,
    one_layer,
    worse,
)

SAFE = 0.9
STARTS = 4
NEURONS = {2: (3,), 3: (4, 6, 8), 4: (8, 12, 16)}
"""q -> what is tried, in this order."""


def fit(train, context):
    """Return the smallest layer that reaches the accuracy."""
    q, eps = context.facts["q"], context.facts["eps"]
    if context.facts["track"] != "shallow":
        return {}
    rng = np.random.default_rng(context.seed)
    x = hard_points(train["x"])
    for n in NEURONS.get(q, ()):
        for _ in range(STARTS):
            layer = trained(rng.standard_normal(n * (q + 2)), x)
            small = max(np.abs(part).max() for part in layer) <= MOST
            if small and worse(*layer, 0.0, "tanh", hard_points(train["x"][::-1])) <= SAFE * eps:
                return one_layer(*layer, "tanh")
    return {}


def trained(start, x):
    """Return W, b and the output's weights from a flat start."""
    q = x.shape[1]
    for power, steps in ((2, 300), (8, 700)):
        found = minimize(
            loss, start, (x, power), jac=True, method="L-BFGS-B", options={"maxiter": steps}
        )
        start = found.x
    parts = start.reshape(-1, q + 2)
    return parts[:, :q], parts[:, q], parts[:, q + 1]


def loss(flat, x, power):
    """Return the mean of |error|^power, its root for powers above 2, and the gradient."""
    parts = flat.reshape(-1, x.shape[1] + 2)
    W, b, out = parts[:, :-2], parts[:, -2], parts[:, -1]
    h = np.tanh(x @ W.T + b)
    wrong = h @ out - x.prod(axis=1)
    value = np.mean(wrong**power) ** (1 / power)
    d_wrong = wrong ** (power - 1) * value ** (1 - power) / len(x)
    d_z = d_wrong[:, None] * out * (1 - h**2)
    gradient = np.hstack([d_z.T @ x, d_z.sum(axis=0)[:, None], (h.T @ d_wrong)[:, None]])
    return value, gradient.ravel()
