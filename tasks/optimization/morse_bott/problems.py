"""The problems: drawn, and with their critical orbits, in closed form or as a pool of searches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from harness.kernels import critical_points
from harness.kernels.deep_net import DeepNet
from harness.kernels.two_layer import Net
from harness.vocabulary import Size
from tasks._data import landscapes
from tasks._data.landscapes import Landscape, Regularizer

Kind = Literal[
    "linear_additive",
    "linear_multiplicative",
    "linear_generalised",
    "tanh_additive",
    "softplus_additive",
]

REGULARIZERS: dict[Kind, Regularizer] = {
    "linear_additive": "additive",
    "linear_multiplicative": "multiplicative",
    "linear_generalised": "generalised",
    "tanh_additive": "additive",
    "softplus_additive": "additive",
}
LAMBDA = 0.3
AWAY = 0.05
"""From a bifurcation, where c is a singular value."""
LINEAR: dict[Size, tuple[int, int, int]] = {
    "smoke": (2, 2, 2),
    "standard": (4, 3, 4),
    "full": (8, 6, 8),
}
"""d, k, h."""
TANH: dict[Size, tuple[int, int, int]] = {
    "smoke": (3, 4, 16),
    "standard": (3, 4, 16),
    "full": (9, 11, 64),
}
"""d without the column of ones, h, n."""
SOFTPLUS: dict[Size, tuple[int, tuple[int, int], int]] = {
    "smoke": (2, (2, 2), 12),
    "standard": (2, (3, 3), 16),
    "full": (5, (12, 12), 64),
}
"""d without the column of ones, both h, n."""
PHI: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda z: z,
    "tanh": np.tanh,
    "softplus": lambda z: np.logaddexp(0, z),
}
N_STARTS = 300
"""Of each search behind a pool for critical points of any kind; a third of it for minima."""


@dataclass(frozen=True)
class Problem:
    """A landscape and what is known of its critical points."""

    kind: Kind
    landscape: Landscape
    points: np.ndarray  # (K, P), one an orbit


def draw(kind: Kind, size: Size, rng: np.random.Generator) -> Problem:
    """Draw a problem and find its critical points, in closed form where there is one."""
    if kind in ("tanh_additive", "softplus_additive"):
        deep = kind == "softplus_additive"
        d, h, n = SOFTPLUS[size] if deep else TANH[size]
        X = np.column_stack([rng.standard_normal((n, d)), np.ones(n)])
        Y = rng.choice([-1.0, 1.0], (n, 1))
        c = 10 ** rng.uniform(-2, -1.5)
        net = DeepNet(X, Y, h, "softplus") if deep else Net(X, Y, h, "tanh")
        curved = Landscape(net, np.full(net.size, c), "additive", 1 / n)
        return Problem(kind, curved, pool(curved, rng))
    d, k, h = LINEAR[size]
    regularizer = REGULARIZERS[kind]
    while True:
        linear, s = matrix(d, k, h, regularizer, rng)
        if np.abs(s - LAMBDA).min() > AWAY:
            break
    known = pool(linear, rng) if regularizer == "generalised" else orbits(linear)
    return Problem(kind, linear, known)


def matrix(
    d: int, k: int, h: int, regularizer: Regularizer, rng: np.random.Generator
) -> tuple[Landscape, np.ndarray]:
    """Draw the factorization of a matrix M (k, d) through h units; return its singular values."""
    s = np.sort(rng.uniform(0.1, 2, min(d, k)))[::-1]
    U = np.linalg.qr(rng.standard_normal((k, k)))[0][:, : len(s)]
    V = np.linalg.qr(rng.standard_normal((d, d)))[0][:, : len(s)]
    net = Net(np.eye(d), (V * s) @ U.T, h, "linear")
    c = np.full(net.size, LAMBDA)
    if regularizer == "generalised":
        c *= rng.uniform(0.5, 1.5, net.size)
    return Landscape(net, c, regularizer, 1.0), s


def orbits(landscape: Landscape) -> np.ndarray:
    """Return one point of every critical orbit of a linear problem, from its singular vectors.

    W2 W1 = sum over S of (s_i - mu) u_i v_i^T, the layers balanced, with mu = c where the
    regularizer is additive and mu = c |W1|^2 = c sum_S s_i / (1 + c |S|) where it multiplies.
    """
    net, c = landscape.net, landscape.c[0]
    U, s, Vt = np.linalg.svd(net.Y.T, full_matrices=False)
    found = []
    for r in range(min(len(s), net.hidden) + 1):
        for S in map(list, combinations(range(len(s)), r)):
            multiplies = landscape.regularizer == "multiplicative"
            mu = c * s[S].sum() / (1 + c * r) if multiplies else c
            if (s[S] > mu).all():
                root = np.sqrt(s[S] - mu)
                W1 = np.zeros((net.hidden, Vt.shape[1]))
                W2 = np.zeros((len(U), net.hidden))
                W1[:r], W2[:, :r] = root[:, None] * Vt[S], U[:, S] * root
                found.append(np.concatenate([W1.ravel(), W2.ravel()]))
    return np.array(found)


def pool(landscape: Landscape, rng: np.random.Generator) -> np.ndarray:
    """Return what four searches find together, from starts of many scales.

    The third starts at a last layer that is fitted by ridge regression to random ones below it,
    where part of the gradient is small; the fourth looks for minima, which the others miss.
    """
    net, P = landscape.net, landscape.net.size
    scales = 10 ** rng.uniform(-2, 0.3, (N_STARTS, 1))
    wide = scales * rng.standard_normal((N_STARTS, P))
    narrow = 0.5 * rng.standard_normal((N_STARTS, P))
    a, layers = net.X, []
    for h in (net.hidden,) if isinstance(net, Net) else net.hidden:
        scale = 10 ** rng.uniform(-0.7, 0.3, (N_STARTS, 1, 1))
        W = scale * rng.standard_normal((N_STARTS, h, a.shape[-1]))
        a = PHI[net.activation](a @ W.transpose(0, 2, 1))
        layers.append(W)
    ridge = 10 ** rng.uniform(-1, 2, (N_STARTS, 1, 1)) * landscape.c.mean() / landscape.weight
    gram = a.transpose(0, 2, 1) @ a + ridge * np.eye(a.shape[-1])
    layers.append(np.linalg.solve(gram, a.transpose(0, 2, 1) @ net.Y).transpose(0, 2, 1))
    fitted = np.concatenate([W.reshape(N_STARTS, -1) for W in layers], axis=1)
    minima = critical_points.minimize(landscape.expand, 2 * narrow[: N_STARTS // 3])
    return landscapes.search(landscape, np.concatenate([wide, narrow, fitted, minima]))
