r"""Sparse Fourier expansions of functions on {-1, 1}^n: products, compositions, staircases.

.. math::
    f(x) = \sum_S \hat f(S) \chi_S(x), \qquad \chi_S(x) = \prod_{i \in S} x_i, \qquad
    \chi_S \chi_T = \chi_{S \triangle T} .

An expansion is a dict from the bit mask of S to its coefficient, which is never 0: what cancels
is gone, so its keys are the support. Any exact numbers will do, such as fractions, and all is then
exact; with floats nothing that nearly cancels is dropped. No transform of length 2^n is needed.

Staircases: E. Abbe, E. Boix-Adsera, M. Brennan, G. Bresler, D. Nagaraj, *The staircase property:
How hierarchical structure can guide deep learning*, NeurIPS 2021, arXiv 2108.10573. Leap: E. Abbe,
E. Boix-Adsera, T. Misiakiewicz, *SGD learning on neural networks: leap complexity and
saddle-to-saddle dynamics*, COLT 2023. Both definitions were not checked against the sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

Expansion = dict[int, Any]
"""Mask of a set, bit i for variable i -> coefficient, not 0."""


def multiply(f: Expansion, g: Expansion) -> Expansion:
    """Return the expansion of f g.

    >>> multiply({0b01: 1, 0b10: 1}, {0b01: 1, 0b10: -1})  # (x1 + x2)(x1 - x2) = 0
    {}
    """
    product: Expansion = {}
    for S, a in f.items():
        for T, b in g.items():
            product[S ^ T] = product.get(S ^ T, 0) + a * b
    return {S: a for S, a in product.items() if a != 0}


def compose(outer: Expansion, inner: Sequence[Expansion]) -> Expansion:
    """Return the expansion of g(f_0, f_1, ...), g read as a multilinear polynomial.

    Bit i of a mask of `outer` stands for f_i, whose values may be any numbers.

    >>> compose({0b01: 1, 0b11: 1}, [{0b01: 1}, {0b01: 1, 0b10: 2}])  # y1 + y1 y2
    {1: 1, 0: 1, 3: 2}
    """
    total: Expansion = {}
    for T, a in outer.items():
        term: Expansion = {0: a}
        for i, f in enumerate(inner):
            if T >> i & 1:
                term = multiply(term, f)
        for S, b in term.items():
            total[S] = total.get(S, 0) + b
    return {S: a for S, a in total.items() if a != 0}


def unsupported(support: Iterable[int]) -> list[int]:
    """Return the sets of two variables or more that are no step up from another: smallest first.

    S is a step up from S' where S' is in the support and S has one variable more. The function is
    a staircase if there are none.
    """
    there = set(support)

    def is_step(S: int) -> bool:
        return any(S ^ 1 << i in there for i in range(S.bit_length()) if S >> i & 1)

    lonely = [S for S in there if S.bit_count() > 1 and not is_step(S)]
    return sorted(lonely, key=lambda S: (S.bit_count(), S))


def leap(support: Iterable[int]) -> int:
    """Return the most new variables that a set brings, in the best order of the sets.

    1 is the merged staircase; 0 where there is no set but the empty one. Taking what brings fewest
    is optimal, since a set taken never makes another bring more.
    """
    left, known, most = set(support) - {0}, 0, 0
    while left:
        S = min(left, key=lambda S: (S & ~known).bit_count())
        most = max(most, (S & ~known).bit_count())
        known |= S
        left.remove(S)
    return most


def character(S: int, X: np.ndarray) -> np.ndarray:
    """Return chi_S at the rows of X (m, n), int8."""
    columns = [i for i in range(X.shape[1]) if S >> i & 1]
    return X[:, columns].prod(axis=1, dtype=np.int8)


def evaluate(f: Expansion, X: np.ndarray) -> np.ndarray:
    """Return f at the rows of X (m, n) of -1 and 1, float64."""
    total = np.zeros(len(X))
    for S, a in f.items():
        total += float(a) * character(S, X)
    return total
