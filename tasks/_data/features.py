r"""Random features of signals, and the kernels that they stand for.

.. math::
    k(x, x') = \begin{cases}
      \exp(-\gamma\, \|x - x'\|_2^2) & \text{rbf} \\
      \exp(-\sigma\, \|x - x'\|_2) & \text{laplace} \\
      \|x\| \|x'\| (\sin\theta + (\pi - \theta) \cos\theta) / (\pi d) & \text{relu} \\
      (1 + x \cdot x' / d)^3 & \text{polynomial}
    \end{cases}

with theta the angle between x and x', d their length. Frequencies W and phases b are drawn so that
sqrt(2/p) cos(x W + b) has the inner products of `rbf` on average (A. Rahimi, B. Recht, *Random
Features for Large-Scale Kernel Machines*, NIPS 2007), or those of `laplace`, whose frequencies are
Cauchy's; sqrt(2/p) max(0, x W) those of `relu`, the arc-cosine kernel of order 1 (Y. Cho, L. K.
Saul, *Kernel Methods for Deep Learning*, NIPS 2009). `tangent` are the gradients of a network of
one hidden layer of ReLUs with respect to both its layers, whose inner products are those of its
neural tangent kernel. Formulas are from memory and held against averages by a test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GAMMA = 0.01
SIGMA = 0.1
DEGREE = 3
FAMILIES = ("rbf", "laplace", "relu", "tangent")
KERNELS = ("rbf", "laplace", "relu", "polynomial")


@dataclass(frozen=True, eq=False)
class Features:
    """A map of signals to p numbers."""

    family: str
    W: np.ndarray
    """(d, p), of `tangent` (d, units)."""
    b: np.ndarray
    """Phases (p,), of `tangent` output weights (units,), of `relu` empty."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the features of x (n, d): float64 (n, p)."""
        x = np.asarray(x, np.float64)
        z = x @ self.W
        if self.family == "tangent":
            units = self.W.shape[1]
            inner = (self.b * (z > 0))[:, :, None] * x[:, None]  # (n, units, d)
            both = np.concatenate([inner, np.maximum(z, 0)[:, :, None]], 2)
            return both.reshape(len(x), -1) / np.sqrt(units)
        phi = np.maximum(z, 0) if self.family == "relu" else np.cos(z + self.b)
        return np.sqrt(2 / z.shape[1]) * phi


def draw_features(rng: np.random.Generator, family: str, d: int, p: int) -> Features:
    """Draw p features of signals of length d; of `tangent` the most that are whole units.

    Raises
    ------
    ValueError
        There is no such family.
    """
    if family not in FAMILIES:
        raise ValueError(f"Families are {', '.join(FAMILIES)}, got {family!r}.")
    if family == "tangent":
        units = p // (d + 1)
        W = rng.standard_normal((d, units)) / np.sqrt(d)
        return Features(family, W, rng.choice([-1.0, 1.0], units))
    W = rng.standard_normal((d, p))
    if family == "relu":
        return Features(family, W / np.sqrt(d), np.empty(0))
    if family == "rbf":
        W *= np.sqrt(2 * GAMMA)
    else:
        W *= SIGMA / np.abs(rng.standard_normal(p))
    return Features(family, W, rng.uniform(0, 2 * np.pi, p))


def gram(kernel: str, x: np.ndarray) -> np.ndarray:
    """Return the values of a kernel on all pairs of rows of x (n, d): float64 (n, n).

    Raises
    ------
    ValueError
        There is no such kernel.
    """
    if kernel not in KERNELS:
        raise ValueError(f"Kernels are {', '.join(KERNELS)}, got {kernel!r}.")
    x = np.asarray(x, np.float64)
    d = x.shape[1]
    product = x @ x.T
    square = np.diag(product)
    if kernel == "polynomial":
        return (1 + product / d) ** DEGREE
    if kernel == "relu":
        length = np.sqrt(np.outer(square, square))
        cosine = np.clip(product / length, -1, 1)
        np.fill_diagonal(cosine, 1)
        angle = np.arccos(cosine)
        value: np.ndarray = length * (np.sin(angle) + (np.pi - angle) * cosine) / (np.pi * d)
        return value
    distance = np.maximum(square[:, None] + square - 2 * product, 0)
    np.fill_diagonal(distance, 0)
    return np.exp(-GAMMA * distance if kernel == "rbf" else -SIGMA * np.sqrt(distance))
