"""Naive: the solution of the neural tangent kernel in closed form, put into the network.

With J the derivative of the pair's output by its weights at the start, where the output is zero,
gradient descent on the linearized network ends at theta_0 + J^T K^-1 y, K = J J^T (Jacot, Gabriel,
Hongler, NeurIPS 2018, arXiv 1806.07572; not checked against the source). At twice He's size the
network itself interpolates there, too; at He's size and this width it does not.
"""

import numpy as np

from submissions.baselines.optimization.min_rho import start
from submissions.references.optimization.min_rho_lazy import SCALE, pair


def fit(train, context):
    """Solve for the weights."""
    return solve([W.astype(float) for W in start(train, context, SCALE)], train)


def solve(weights, train):
    """Return the pair of networks whose weights moved by J^T K^-1 y."""
    W0, W1, W2 = weights
    X, y = train["X"].astype(float), train["y"].astype(float)
    h = np.maximum(X @ W0, 0)
    g = np.maximum(h @ W1, 0)
    behind_g = W2.T * (g > 0)
    behind_h = (behind_g @ W1.T) * (h > 0)
    K = g @ g.T + (h @ h.T) * (behind_g @ behind_g.T) + (X @ X.T) * (behind_h @ behind_h.T)
    a = np.linalg.solve(2 * K, y)[:, None]  # both networks of the pair move
    moved = X.T @ (a * behind_h), h.T @ (a * behind_g), g.T @ a
    one = [W + D for W, D in zip(weights, moved, strict=True)]
    other = [W - D for W, D in zip(weights, moved, strict=True)]
    return {f"W{k}": W.astype(np.float32) for k, W in enumerate(pair(one, other))}
