r"""Classes of networks, samples, and the complexity of the ones on the others, exact or at least.

A class holds networks W_L rho(... rho(W_1 x)) with ||W_l|| <= s_l and rank W_l <= r_l. Its
complexity on x_1, ..., x_n is E sup sum_ij sigma_ij f_j(x_i) / n. All caps scale out, so they are 1
here.

Each draw of signs has a value that is the sup or below it:

- One linear layer: a norm of Ky Fan of G = sigma^T X, exactly.
- Several: with spectral caps the same at the least rank, as partial isometries pass it on; with
  Frobenius caps the spectral norm of G, for the product of two or more has nuclear norm at most 1.
- One hidden layer of ReLUs and Frobenius caps: one neuron, see circle_sup, exactly in the plane.
- Else weights that an ascent has found. What contains a class is at least as complex, so of nested
  classes the larger takes the larger value. Rank 1 under a spectral cap is one neuron again: there
  relu(a b^T x) = relu(a) relu(b^T x) + relu(-a) relu(-b^T x).

The mean over N draws is off by chance, and by less than t with probability 1 - a: the sup, of which
each value is a lower limit, changes by at most 2 |x_i| as one sign flips (McDiarmid), and is convex
and Lipschitz in the signs with constant lambda = sup ||f(X)||_F, which is at most the largest
singular value of X for a Frobenius cap on W_1, and the root of the sum of the r_1 largest squares
for a spectral one (Boucheron, Lugosi, Massart, *Concentration Inequalities*, 2013, Theorem 6.10,
whose [0, 1] is half as wide as [-1, 1]; not checked against the source). With k outputs

.. math::
    t = \min\bigl( \|X\|_F \sqrt{2 k \ln(1/a) / N},\ \lambda \sqrt{8 \ln(1/a) / N} \bigr) / n.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from harness.kernels.circle_sup import circle_sup
from harness.kernels.ky_fan import ky_fan
from harness.kernels.network_sup import Capped, network_sup
from harness.vocabulary import Arrays, Size

Norm = Literal["spectral", "frobenius"]
NORMS: tuple[Norm, ...] = ("spectral", "frobenius")
SHOWN = ("gaussian", "duplicated", "spiked", "cone")
KINDS = (*SHOWN, "orthogonal", "heavy", "planted")
FAMILIES = ("one_layer", "linear", "circle", "two_layers", "three_layers")
DEEPEST = 3


class Class(NamedTuple):
    """A class with caps of 1 on all norms."""

    family: str
    widths: tuple[int, ...]
    """d, m_1, ..., m_L: the last is the number of outputs."""
    norm: Norm
    r: tuple[int, ...]
    relu: bool


@dataclass(frozen=True)
class Scale:
    """What a size draws."""

    n: tuple[int, int]
    d: int
    m: int
    n_draws: int
    """Of signs for a hidden sample; half for three layers; a quarter for a sample that is shown."""
    n_steps: int
    """Of the ascent."""


SCALES: dict[Size, Scale] = {
    "smoke": Scale((32, 48), 12, 8, 300, 6),
    "standard": Scale((64, 96), 12, 8, 2000, 20),
    "full": Scale((128, 192), 24, 16, 4000, 20),
}
CHEAP = 24
"""Times as many draws in the plane, where each costs next to nothing."""
N_STARTS = 4
"""Of a single neuron's ascent; networks start once."""


def classes(scale: Scale) -> list[Class]:
    """Return all classes that one sample, and one in the plane, are asked about."""
    d, m = scale.d, scale.m
    ranks = [r for r in (1, 2, 4, 8, 16) if r <= m]
    some = (1, 2, m)
    found = [Class("one_layer", (d, m), norm, (r,), False) for norm in NORMS for r in ranks]
    found += [
        Class("linear", (d, m, 1), "spectral", (m // 2, 1), False),
        Class("linear", (d, m, m, 1), "frobenius", (m // 2, 2, 1), False),
        Class("linear", (d, m, m), "spectral", (2, m), False),
        Class("linear", (d, m, m, m), "frobenius", (m, m // 2, m), False),
    ]
    found += [Class("circle", (2, m, 1), "frobenius", (r, 1), True) for r in (1, 2)]
    found += [Class("two_layers", (d, m, 1), norm, (r, 1), True) for norm in NORMS for r in ranks]
    return found + [
        Class("three_layers", (d, m, m, 1), norm, (r, r, 1), True) for norm in NORMS for r in some
    ]


def sample(rng: np.random.Generator, kind: str, n: int, d: int) -> np.ndarray:
    """Draw X (n, d)."""
    X = rng.standard_normal((n, d))
    direction = rng.standard_normal(d)
    direction /= np.linalg.norm(direction)
    if kind == "duplicated":
        X = X[rng.integers(max(2, n // 8), size=n)]
    elif kind == "spiked":
        X += 7 * np.outer(X @ direction, direction)
    elif kind == "cone":
        X = 0.3 * X + np.sqrt(d) * direction
    elif kind == "orthogonal":
        bases = [np.linalg.qr(rng.standard_normal((d, d)))[0] for _ in range(-(-n // d))]
        X = np.sqrt(d) * np.concatenate(bases)[:n]
    elif kind == "heavy":
        X *= 1 / np.sqrt(rng.chisquare(2, (n, 1)) / 2)
    elif kind == "planted":
        patterns = np.sqrt(d) * np.linalg.qr(rng.standard_normal((d, min(d, 3))))[0].T
        X = 0.1 * X + rng.choice([-1, 1], (n, 1)) * patterns[rng.integers(len(patterns), size=n)]
    return np.asarray(np.exp(rng.uniform(-1, 1)) * X)


def samples(seed: int, kind: str, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a sample of d features and one in the plane."""
    rng = np.random.default_rng(seed)
    return sample(rng, kind, n, d), sample(rng, kind, n, 2)


def complexities(
    seed: int, kind: str, n: int, d: int, m: int, n_draws: int, n_steps: int
) -> Arrays:
    """Return of every class the `mean` (c,) of its values, and how many draws were `drawn`."""
    scale = Scale((n, n), d, m, n_draws, n_steps)
    X, plane = samples(seed, kind, n, d)
    rng = np.random.default_rng([seed, 1])
    signs = rng.choice([-1.0, 1.0], (n_draws, n, m))
    G = signs.transpose(0, 2, 1) @ X
    one = signs[:, :, 0]
    half = one[: n_draws // 2]
    seeds = iter(rng.integers(2**32, size=100).tolist())
    ranks = {norm: ky_fan(G, norm) for norm in NORMS}
    neuron = network_sup(X, one, [Capped(1, "frobenius", True)], n_steps, N_STARTS, next(seeds))
    flat = np.concatenate(
        [circle_sup(plane, rng.choice([-1.0, 1.0], (n_draws, n))) for _ in range(CHEAP)]
    )
    values: dict[Class, np.ndarray] = {}
    for c in classes(scale):
        k, r = c.widths[-1], min(*c.r, c.widths[0], c.widths[-1])
        if c.family == "one_layer":
            value = ranks[c.norm][:, c.r[0] - 1]
        elif c.family == "linear":
            g = G if k > 1 else G[:, :1]
            value = ky_fan(g, "spectral")[:, r - 1 if c.norm == "spectral" else 0]
        elif c.family == "circle":
            value = flat
        elif c.family == "two_layers" and (c.norm == "frobenius" or c.r[0] == 1):
            value = neuron
        else:
            followed = one if c.family == "two_layers" else half
            value = network_sup(X, followed, _layers(c), n_steps, 1, next(seeds))
            value = np.maximum(value, neuron[: len(value)])
            for other, known in values.items():
                if _within(other, c):
                    value = np.maximum(value, known[: len(value)])
        values[c] = value
    return {
        "mean": np.array([value.mean() / n for value in values.values()]),
        "drawn": np.array([len(value) for value in values.values()]),
    }


def _layers(c: Class) -> list[Capped]:
    """Return a class without its last layer, caps on ranks as narrow layers."""
    found = []
    for before, m, r in zip(c.widths[:-2], c.widths[1:-1], c.r, strict=False):
        if r < min(before, m):
            found += [Capped(r, c.norm, False), Capped(m, "spectral", c.relu)]
        else:
            found.append(Capped(m, c.norm, c.relu))
    return found


def _within(a: Class, b: Class) -> bool:
    """Whether b holds all networks of a: more ranks, or a layer in front of the last that copies.

    A hidden layer of norm 1 that copies m outputs wants rank m and a spectral cap.
    """
    if a.relu != b.relu or a.norm != b.norm or a.widths[0] != b.widths[0]:
        return False
    if a.family == b.family:
        return all(x <= y for x, y in zip(a.r, b.r, strict=True))
    copies = (a.family, b.family) == ("two_layers", "three_layers") and b.norm == "spectral"
    return copies and a.r[0] <= b.r[0] and b.r[1] >= b.widths[1]


def lipschitz(c: Class, sv: np.ndarray) -> float:
    """Return at least sup ||f(X)||_F, from the singular values (min(n, d),) of X."""
    return float(sv[0] if c.norm == "frobenius" else np.sqrt((sv[: c.r[0]] ** 2).sum()))


def deviation(c: Class, sv: np.ndarray, n: int, n_draws: int, chance: float) -> float:
    """Return t: with probability 1 - chance the mean over draws is less than t too large."""
    nats = np.log(1 / chance) / n_draws
    flips = np.sqrt((sv**2).sum() * 2 * c.widths[-1] * nats)
    return float(min(flips, lipschitz(c, sv) * np.sqrt(8 * nats)) / n)
