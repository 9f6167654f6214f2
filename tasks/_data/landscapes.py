"""Small losses with regularizers, whose critical points can be searched for and certified.

A landscape is a small network on a few samples, f(x) = W2 phi(W1 x) or deeper, with a regularizer:

    loss = weight / 2 sum_n |f(x_n) - y_n|^2 + R,
    R = 1/2 sum_p c_p theta_p^2                 ('additive' where all c are equal, 'generalised')
    R = c_0 / 2 |W1|^2 |W2|^2                   ('multiplicative', of two layers)

What is certified of a point is measured here, whoever found it: the gradient after a few Newton
steps, the spectrum of the Hessian, its nullity, and the dimension of the orbit of the loss's
symmetries. Two points are the same orbit where loss and outputs agree: every symmetry keeps both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import expm

from harness.arrays import weigh
from harness.kernels import critical_points, deep_net, two_layer
from harness.kernels.deep_net import Activation, DeepNet
from harness.kernels.two_layer import Expansion, Net
from harness.vocabulary import Arrays

Regularizer = Literal["additive", "generalised", "multiplicative"]

CRITICAL = 1e-10
"""Largest entry of the gradient, in size, at a critical point."""
SAME = 1e-4
"""Largest difference of loss and outputs within an orbit."""
LARGEST = 1e3
"""Of any weight: beyond it a small gradient says nothing."""
TANGENT = 1e-6
"""Relative size below which a tangent of an orbit is none."""
STEP, PROBE_STEPS = 0.1, 60
"""Of a probe of the critical set."""
CHUNK = 64
"""Points that are expanded at once in a search: their matrices stay in the processor's cache."""


@dataclass(frozen=True)
class Landscape:
    """A loss on the weights of a small network."""

    net: Net | DeepNet
    c: np.ndarray  # (P,) coefficients of the regularizer
    regularizer: Regularizer
    weight: float
    """Of the squared errors: 1, or 1 / n for their mean."""

    def expand(self, theta: np.ndarray) -> Expansion:
        """Return loss, gradient and Hessian at points (K, P)."""
        value, gradient, hessian = (
            deep_net.expand(self.net, theta)
            if isinstance(self.net, DeepNet)
            else two_layer.expand(self.net, theta)
        )
        value, gradient, hessian = (self.weight * part for part in (value, gradient, hessian))
        diagonal = np.arange(theta.shape[1])
        if self.regularizer != "multiplicative":
            hessian[:, diagonal, diagonal] += self.c
            return Expansion(value + theta**2 @ self.c / 2, gradient + self.c * theta, hessian)
        lam, m = self.c[0], self.net.hidden * self.net.X.shape[1]
        squares = np.stack([(theta[:, :m] ** 2).sum(1), (theta[:, m:] ** 2).sum(1)])
        other = lam * squares[1 - (diagonal >= m)].T
        hessian[:, diagonal, diagonal] += other
        mixed = 2 * lam * theta[:, :m, None] * theta[:, None, m:]
        hessian[:, :m, m:] += mixed
        hessian[:, m:, :m] += mixed.transpose(0, 2, 1)
        return Expansion(value + lam * squares.prod(axis=0) / 2, gradient + other * theta, hessian)

    def keys(self, theta: np.ndarray) -> np.ndarray:
        """Return what the points of an orbit share: loss and outputs, (K, 1 + n k)."""
        value = self.expand(theta).value
        outputs = (
            deep_net.outputs(self.net, theta)
            if isinstance(self.net, DeepNet)
            else two_layer.outputs(self.net, theta)
        )
        return np.concatenate(
            [value[:, None], outputs.reshape(len(theta), self.net.Y.size)], axis=1
        )

    def generators(self, theta: np.ndarray) -> np.ndarray:
        """Return the tangents at one point (P,) of all continuous symmetries known, (q, P).

        Rotations Omega of a linear network's hidden units, W1 -> Omega W1, W2 -> -W2 Omega, which
        a generalised regularizer breaks, and W1 -> W1, W2 -> -W2 of the multiplicative one. Hidden
        units with tanh or softplus change places and signs at most: those symmetries are discrete.
        """
        if self.net.activation != "linear":
            return np.empty((0, len(theta)))
        h = self.net.hidden
        W1, W2 = (W[0] for W in two_layer.split(self.net, theta[None]))
        found = []
        if self.regularizer != "generalised":
            for a in range(h):
                for b in range(a):
                    omega = np.zeros((h, h), theta.dtype)
                    omega[a, b], omega[b, a] = 1, -1
                    found.append(np.concatenate([(omega @ W1).ravel(), -(W2 @ omega).ravel()]))
        if self.regularizer == "multiplicative":
            found.append(np.concatenate([W1.ravel(), -W2.ravel()]))
        return np.array(found).reshape(-1, len(theta))

    def arrays(self) -> Arrays:
        """Return X, Y and c, as a submission gets them."""
        return {"X": self.net.X, "Y": self.net.Y, "c": self.c}


def read(
    arrays: Arrays,
    hidden: int | list[int],
    activation: Activation,
    regularizer: Regularizer,
    weight: float,
) -> Landscape:
    """Return the landscape of named arrays X, Y and c; a list of widths is that of a deep net."""
    X, Y = arrays["X"], arrays["Y"]
    deep = isinstance(hidden, list)
    net = DeepNet(X, Y, tuple(hidden), activation) if deep else Net(X, Y, hidden, activation)
    return Landscape(net, arrays["c"], regularizer, weight)


def search(landscape: Landscape, starts: np.ndarray, n_steps: int = 300) -> np.ndarray:
    """Return the distinct critical points to which starts (K, P) lead."""
    parts = [starts[at : at + CHUNK] for at in range(0, len(starts), CHUNK)]
    ends = [critical_points.search(landscape.expand, part, n_steps) for part in parts]
    return critical(landscape, np.concatenate(ends))


def critical(landscape: Landscape, theta: np.ndarray) -> np.ndarray:
    """Polish points and return one of each orbit, those of the lowest loss first."""
    theta = critical_points.polish(landscape.expand, theta, largest=LARGEST)
    theta = theta[is_critical(landscape, theta)]
    theta = theta[np.argsort(landscape.expand(theta).value, kind="stable")]
    return theta[firsts(landscape.keys(theta))]


def is_critical(landscape: Landscape, theta: np.ndarray) -> np.ndarray:
    """Return which of the points (K, P) are critical and within bounds."""
    gradient = np.abs(landscape.expand(theta).gradient).max(axis=1, initial=0)
    return (gradient <= CRITICAL) & (np.abs(theta).max(axis=1, initial=0) <= LARGEST)


def firsts(keys: np.ndarray) -> np.ndarray:
    """Return the rows of `keys` that no earlier one equals within `SAME`."""
    kept: list[int] = []
    for row, key in enumerate(keys):
        if not kept or np.abs(keys[kept] - key).max(axis=1).min() > SAME:
            kept.append(row)
    return np.array(kept, dtype=np.int64)


def matched(keys: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return which rows of `keys` some row of `found` equals within `SAME`."""
    if not len(found):
        return np.zeros(len(keys), dtype=bool)
    nearest = [np.abs(found - key).max(axis=1).min() for key in keys]
    return np.array(nearest, dtype=np.float64) <= SAME


def bytes_each(answers: Sequence[tuple[Arrays, int, int, int]]) -> float:
    """Return the bytes an orbit of those that are known or found.

    What is sent weighs what it compresses to, what is known and missed 8 bytes a weight. So
    finding an orbit costs less than missing it, and sending it twice, or what is none, more.

    Parameters
    ----------
    answers
        A problem each: arrays, orbits among them, known orbits not among them, P.
    """
    sent: Arrays = {}
    for arrays, _, _, _ in answers:
        sent |= arrays
    missing = sum(8 * P * missed for _, _, missed, P in answers)
    return (weigh(sent) + missing) / max(1, sum(n + missed for _, n, missed, _ in answers))


@dataclass(frozen=True)
class Certificate:
    """What is measured of one critical point."""

    loss: float
    spectrum: np.ndarray  # (P,) eigenvalues of the Hessian, ascending
    index: int
    """Eigenvalues below zero."""
    nullity: int
    orbit: int
    """Dimension of the orbit of the known symmetries."""
    manifold: int
    """Dimension of the critical set around: more than `orbit` where it joins many orbits."""
    decided: bool
    """Whether no eigenvalue is small and yet no zero."""
    confirmed: bool
    """Whether the nullity stays after a refinement in extended precision."""

    @property
    def state(self) -> str:
        """Return 'Morse-Bott', 'degenerate' or 'undecided'."""
        if not self.decided or self.nullity < self.manifold:
            return "undecided"
        return "Morse-Bott" if self.nullity == self.manifold else "degenerate"


def certify(landscape: Landscape, theta: np.ndarray, more: np.ndarray | None = None) -> Certificate:
    """Measure one critical point (P,); `more` are further linear symmetries, (q, P, P)."""
    value, _, hessian = (part[0] for part in landscape.expand(theta[None]))
    spectrum, V = np.linalg.eigh(hessian)
    (count,), (decided,) = critical_points.nullity(spectrum[None])
    zero = np.argsort(np.abs(spectrum))[:count]
    index = int((np.delete(spectrum, zero) < 0).sum())
    tangents = landscape.generators(theta)
    if more is not None:
        tangents = np.concatenate([tangents, more @ theta])
    s = np.linalg.svd(tangents, compute_uv=False) if len(tangents) else np.zeros(1)
    orbit = int((s > TANGENT * max(1.0, float(np.abs(theta).max()))).sum())
    manifold = orbit if count <= orbit else max(orbit, _manifold(landscape, theta, V[:, zero]))
    confirmed = count == 0 or _confirm(landscape, theta, hessian, V[:, zero], spectrum)
    return Certificate(
        float(value), spectrum, index, int(count), orbit, manifold, bool(decided), bool(confirmed)
    )


def _manifold(landscape: Landscape, theta: np.ndarray, null: np.ndarray) -> int:
    """Return in how many of the directions `null`, (P, r), critical points go on.

    From a step in each direction many Newton steps lead back to an isolated point, however
    degenerate, and to another point of the same loss where the critical set is a manifold.
    """
    probes = theta + STEP * null.T
    ends = critical_points.polish(landscape.expand, probes, PROBE_STEPS, LARGEST)
    key = landscape.keys(theta[None])[0]
    stay = is_critical(landscape, ends) & (np.abs(landscape.keys(ends) - key).max(axis=1) <= SAME)
    moved = (ends - theta)[stay]
    s = np.linalg.svd(moved, compute_uv=False) if len(moved) else np.zeros(1)
    return int((s > STEP / 2).sum())


def _confirm(
    landscape: Landscape,
    theta: np.ndarray,
    hessian: np.ndarray,
    null: np.ndarray,
    spectrum: np.ndarray,
) -> bool:
    """Return whether the Hessian still vanishes on `null`, (P, r), at a more exact point.

    Newton steps with the gradient in extended precision, where the machine has one; the block
    of the Hessian on `null` shows its eigenvalues up to the square of the vectors' error.
    """
    exact = theta.astype(np.longdouble)[None]
    inverse = np.linalg.pinv(hessian, rcond=critical_points.NULL, hermitian=True)
    for _ in range(3):
        gradient = landscape.expand(exact).gradient
        exact = exact - gradient.astype(np.float64) @ inverse
    V = null.astype(np.longdouble)
    block = (V.T @ landscape.expand(exact).hessian[0] @ V).astype(np.float64)
    w = np.linalg.eigvalsh(block)
    return bool(np.abs(w).max() <= 1e-10 * np.abs(spectrum).max())


def is_symmetry(landscape: Landscape, generator: np.ndarray, rng: np.random.Generator) -> bool:
    """Return whether the flow theta -> exp(t A) theta of A (P, P) keeps the loss, up to 1e-9."""
    points = rng.standard_normal((8, len(generator)))
    values = landscape.expand(points).value
    for t in (-1.0, -0.3, 0.3, 1.0):
        moved = points @ expm(t * generator / max(1.0, float(np.linalg.norm(generator, 2)))).T
        if np.abs(landscape.expand(moved).value / values - 1).max() > 1e-9:
            return False
    return True
