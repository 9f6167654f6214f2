"""The six families of functions on a grid, each computed by a small circuit on hidden variables.

A function takes an index (m, d) and returns m values. Which variable stands where, and every
coefficient, comes from the generator that it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

CALIBRATION = 4096
"""Points on which the mean and the deviation of a smooth function's nodes are taken."""
CHUNK = 1 << 16
MODULUS = 5


@dataclass(frozen=True)
class Function:
    """One drawn function."""

    family: str
    shape: tuple[int, ...]
    order: np.ndarray  # (d,) the variables in the order of the generator's own tree
    formula: Callable[[np.ndarray], np.ndarray]
    """Index columns in that order, (m, d) int64, to values (m,)."""
    edges: np.ndarray | None = None  # (n_edges, 2) variables whose products are summed

    def __call__(self, index: np.ndarray) -> np.ndarray:
        """Return the values at an integer array (m, d)."""
        values = np.empty(len(index))
        for start in range(0, len(index), CHUNK):
            part = index[start : start + CHUNK, self.order].astype(np.int64)
            values[start : start + CHUNK] = self.formula(part)
        return values

    def cut_rank(self, modes: tuple[int, ...]) -> int:
        """Return the rank over GF(2) of the edges between these variables and all others.

        The matricization of (-1)^(sum of products over the edges) has rank 2 to this power.
        """
        assert self.edges is not None
        inside = set(modes)
        rows = dict.fromkeys(inside, 0)
        for a, b in self.edges.tolist():
            if (a in inside) != (b in inside):
                one, other = (a, b) if a in inside else (b, a)
                rows[one] ^= 1 << other
        rank, left = 0, [row for row in rows.values() if row]
        while left:
            pivot = left.pop()
            rank += 1
            low = pivot & -pivot
            left = [row for row in (r ^ pivot if r & low else r for r in left) if row]
        return rank


def draw(family: str, shape: tuple[int, ...], rng: np.random.Generator) -> Function:
    """Draw a function of a family."""
    order = rng.permutation(len(shape))
    if family in ("pairs", "graph"):
        d = len(shape)
        edges = np.arange(d).reshape(-1, 2) if family == "pairs" else _cubic(d, rng)
        return Function(family, shape, order, _sign_of_products(edges), order[edges])
    make = {"smooth_tree": _smooth_tree, "window": _window, "compare": _compare, "modsum": _modsum}
    return Function(family, shape, order, make[family](shape, rng))


class _Gate:
    """g(u, v) = tanh((a1 u + a2 v + c u v + e - mu) / sd), calibrated on the first call."""

    def __init__(self, rng: np.random.Generator) -> None:
        angle = rng.uniform(0, 2 * np.pi)
        self.a1, self.a2 = np.cos(angle), np.sin(angle)
        self.c = rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1)
        self.e = rng.uniform(-0.3, 0.3)
        self.mu, self.sd = 0.0, 0.0

    def __call__(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        z = self.a1 * u + self.a2 * v + self.c * u * v + self.e
        if not self.sd:
            self.mu, self.sd = float(z.mean()), float(z.std())
        result: np.ndarray = np.tanh((z - self.mu) / self.sd)
        return result


def _points(shape: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the map from indices to Chebyshev nodes cos(pi (j + 1/2) / n)."""
    (n,) = set(shape)
    nodes = np.cos(np.pi * (np.arange(n) + 0.5) / n)
    return lambda index: nodes[index]


def _calibrate(
    formula: Callable[[np.ndarray], np.ndarray], shape: tuple[int, ...], rng: np.random.Generator
) -> Callable[[np.ndarray], np.ndarray]:
    formula(rng.integers(0, shape, (CALIBRATION, len(shape))))
    return formula


def _smooth_tree(
    shape: tuple[int, ...], rng: np.random.Generator
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a balanced binary tree of gates."""
    points = _points(shape)
    levels = [[_Gate(rng) for _ in range(2**k)] for k in reversed(range(_log2(len(shape))))]

    def formula(index: np.ndarray) -> np.ndarray:
        x = points(index)
        for gates in levels:
            pairs = [gate(x[:, 2 * k], x[:, 2 * k + 1]) for k, gate in enumerate(gates)]
            x = np.stack(pairs, axis=1)
        return x[:, 0]

    return _calibrate(formula, shape, rng)


def _window(shape: tuple[int, ...], rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Return two convolutions of width 2 with shared gates, their mean and a tanh."""
    points = _points(shape)
    first, second = _Gate(rng), _Gate(rng)
    scale: list[float] = []

    def formula(index: np.ndarray) -> np.ndarray:
        x = points(index)
        for gate in (first, second):
            x = gate(x[:, :-1], x[:, 1:])
        z = x.mean(axis=1)
        if not scale:
            scale.extend((float(z.mean()), float(z.std())))
        result: np.ndarray = np.tanh((z - scale[0]) / scale[1])
        return result

    return _calibrate(formula, shape, rng)


def _compare(
    shape: tuple[int, ...], rng: np.random.Generator
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the sign of x - y, -1 for a tie; the bits of x and y alternate, highest first."""
    del rng
    weights = 2 ** np.arange(len(shape) // 2)[::-1]
    return lambda index: np.where(index[:, ::2] @ weights > index[:, 1::2] @ weights, 1.0, -1.0)


def _modsum(shape: tuple[int, ...], rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Return a table's entry at a weighted sum of the digits modulo 5."""
    weights = rng.integers(1, MODULUS, len(shape))
    table = rng.standard_normal(MODULUS)
    return lambda index: table[index @ weights % MODULUS]


def _sign_of_products(edges: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    def formula(index: np.ndarray) -> np.ndarray:
        total = (index[:, edges[:, 0]] & index[:, edges[:, 1]]).sum(axis=1)
        return 1.0 - 2.0 * (total & 1)

    return formula


def _cubic(d: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a simple graph with three edges at each vertex: pair half-edges until none clash."""
    while True:
        edges = np.sort(rng.permutation(np.repeat(np.arange(d), 3)).reshape(-1, 2), axis=1)
        if (edges[:, 0] != edges[:, 1]).all() and len(np.unique(edges, axis=0)) == len(edges):
            return edges


def _log2(d: int) -> int:
    return d.bit_length() - 1
