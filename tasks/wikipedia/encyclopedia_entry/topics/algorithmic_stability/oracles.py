"""Small learners whose change is computed by training them twice."""

from __future__ import annotations

import itertools

import numpy as np

from ...claims import Instance, Oracle


def _removed(rng: np.random.Generator) -> Instance:
    """Draw the change when one of m losses rho |x w - y|, |x| <= 1, or rho x w is removed."""
    m = int(rng.integers(1, 9))
    rho, decay = np.exp(rng.normal(size=2))
    x = rng.choice([-1.0, 1.0], m) if rng.random() < 0.5 else rng.uniform(-1, 1, m)
    if rng.random() < 0.5:
        whole, without = (-rho * x[k:].sum() / (2 * decay * m) for k in (0, 1))
    else:
        y = 3 * rng.normal(size=m)
        whole, without = (minimizer(x[k:], y[k:], rho, decay, m) for k in (0, 1))
    return {"m": m, "rho": rho, "lambda": decay}, float(rho * abs(whole - without))


def minimizer(x: np.ndarray, y: np.ndarray, rho: float, decay: float, m: int) -> float:
    """Return the minimum over w of rho / m sum |x w - y| + decay w^2, the best candidate."""
    kinks = y[x != 0] / x[x != 0]
    if not len(kinks):
        return 0.0
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(x))))
    candidates = np.concatenate([kinks, -rho * (signs @ x) / (2 * decay * m)])
    losses = rho / m * np.abs(np.outer(candidates, x) - y).sum(1) + decay * candidates**2
    return float(candidates[losses.argmin()])


def _descent(rng: np.random.Generator) -> Instance:
    """Draw the mean change over all sequences of indices, with losses z w, |z| <= L."""
    m, T = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    L, rate = np.exp(rng.normal(size=2))
    z = rng.uniform(-L, L, m)
    other = z.copy()
    z[0], other[0] = (L, -L) if rng.random() < 0.5 else rng.uniform(-L, L, 2)
    paths = np.array(list(itertools.product(range(m), repeat=T)))
    ends = [-rate * values[paths].sum(1) for values in (z, other)]
    exact = L * np.abs(ends[0] - ends[1]).mean()
    return {"m": m, "T": T, "L": L, "alpha": rate}, float(exact)


def _leave_one_out(rng: np.random.Generator) -> Instance:
    """Draw the residual of a point that ridge regression has not seen, by fitting it again."""
    m, d = int(rng.integers(3, 9)), int(rng.integers(1, 4))
    X, y = rng.normal(size=(m, d)), rng.normal(size=m)
    penalty = np.exp(rng.normal()) * np.eye(d)

    def fitted(k: int) -> np.ndarray:
        return np.linalg.solve(X[k:].T @ X[k:] + penalty, X[k:].T @ y[k:])

    h = X[0] @ np.linalg.solve(X.T @ X + penalty, X[0])
    return {"r": y[0] - X[0] @ fitted(0), "h": h}, float(y[0] - X[0] @ fitted(1))


ORACLES = {
    "regularization": Oracle(
        "the change of the loss at any point when one of m losses, convex and Lipschitz with "
        "constant rho, is removed from 1/m sum of losses + lambda |w|^2",
        {"m": "samples", "rho": "Lipschitz constant in w", "lambda": "weight of the squared norm"},
        1,
        _removed,
        lambda v: v["rho"] ** 2 / (2 * v["lambda"] * v["m"]),
    ),
    "descent": Oracle(
        "the mean change of the loss at any point when one of m samples is replaced, of T steps of "
        "stochastic gradient descent at a fixed rate alpha on convex, smooth, L-Lipschitz losses",
        {"m": "samples", "T": "steps", "L": "Lipschitz constant", "alpha": "rate"},
        1,
        _descent,
        lambda v: 2 * v["L"] ** 2 * v["T"] * v["alpha"] / v["m"],
    ),
    "left_out": Oracle(
        "the residual y - f(x) of ridge regression at a point that is left out",
        {
            "r": "residual with the point in",
            "h": "leverage of the point, its entry of the hat matrix",
        },
        0,
        _leave_one_out,
        lambda v: v["r"] / (1 - v["h"]),
    ),
}
