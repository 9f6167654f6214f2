"""Sparse Fourier expansions against the Walsh-Hadamard transform over all points of the cube."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from harness.kernels.walsh_hadamard import walsh_hadamard
from tasks._data import fourier
from tasks._data.fourier import Expansion

N = 5


def points(n: int = N) -> list[tuple[int, ...]]:
    """All of {-1, 1}^n; bit i of a point's place is set where x_i = -1."""
    return [tuple(-1 if place >> i & 1 else 1 for i in range(n)) for place in range(2**n)]


def transformed(values: list[Fraction]) -> Expansion:
    """Return the expansion of a function by its values at `points`, by the exact transform."""
    below = math.lcm(*(v.denominator for v in values))
    sums = walsh_hadamard(np.array([int(v * below) for v in values], dtype=np.int64))
    return {S: Fraction(F, below * len(values)) for S, F in enumerate(sums.tolist()) if F}


def value(f: Expansion, x: tuple[int, ...]) -> Fraction:
    return sum(
        (a * math.prod(x[i] for i in range(len(x)) if S >> i & 1) for S, a in f.items()),
        Fraction(0),
    )


def drawn(rng: np.random.Generator, terms: int, n: int = N) -> Expansion:
    sets = rng.choice(2**n, terms, replace=False).tolist()
    return {S: Fraction(int(rng.integers(1, 9)) * int(rng.choice([-1, 1])), 7) for S in sets}


@pytest.mark.parametrize("seed", range(5))
def test_a_product_is_that_of_all_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    f, g = drawn(rng, 6), drawn(rng, 9)
    assert fourier.multiply(f, g) == transformed([value(f, x) * value(g, x) for x in points()])


@pytest.mark.parametrize("seed", range(5))
def test_a_composition_is_that_of_all_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outer, inner = drawn(rng, 5, 3), [drawn(rng, 4) for _ in range(3)]
    values = [value(outer, tuple(value(f, x) for f in inner)) for x in points()]
    assert fourier.compose(outer, inner) == transformed(values)


def test_what_cancels_is_gone_and_what_nearly_cancels_is_not() -> None:
    a, tiny = Fraction(1, 3), Fraction(1, 10**40)
    assert fourier.compose({1: 1, 2: -1}, [{1: a, 2: a}, {1: a, 2: a - tiny}]) == {2: tiny}
    assert fourier.compose({1: 1, 2: -1}, [{1: a}, {1: a}]) == {}


def test_evaluation_is_that_of_the_definition() -> None:
    f = drawn(np.random.default_rng(0), 8)
    X = np.array(points(), dtype=np.int8)
    np.testing.assert_allclose(fourier.evaluate(f, X), [float(value(f, x)) for x in points()])
    np.testing.assert_array_equal(fourier.character(0, X), np.ones(len(X)))
    np.testing.assert_array_equal(fourier.character(0b101, X), X[:, 0] * X[:, 2])


def test_a_set_is_supported_by_any_set_of_one_variable_less() -> None:
    for terms in (1, 3, 6, 12):
        for seed in range(20):
            support = set(drawn(np.random.default_rng(seed), terms))
            lonely = [
                S
                for S in support
                if S.bit_count() >= 2
                and not any(S & T == T and (S ^ T).bit_count() == 1 for T in support)
            ]
            assert fourier.unsupported(support) == sorted(lonely, key=lambda S: (S.bit_count(), S))


def test_the_leap_is_that_of_the_best_order() -> None:
    def worst(order: tuple[int, ...]) -> int:
        known, most = 0, 0
        for S in order:
            most, known = max(most, (S & ~known).bit_count()), known | S
        return most

    for seed in range(30):
        support = set(drawn(np.random.default_rng(seed), 5)) - {0}
        best = min(map(worst, itertools.permutations(support)))
        assert fourier.leap(support | {0}) == best
    assert fourier.leap([0]) == fourier.leap([]) == 0
    assert fourier.leap([0b111, 0b11111, 0b11111111]) == 3
