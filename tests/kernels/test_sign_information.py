"""The information in signs against counting over all pairs, and its invariances."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import entropy

from harness.kernels.sign_information import sign_information


def case(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    g = rng.standard_normal(n)
    mu = np.round(g + rng.standard_normal(n), 1)
    return mu, g, rng.integers(2, size=(n, 3))


def naive(mu: np.ndarray, g: np.ndarray, H: np.ndarray) -> float:
    """Return the least of I / H, cell by cell of the definition."""
    ratios = []
    pairs = [(i, j) for i in range(len(mu)) for j in range(len(mu)) if i != j]
    for size in range(3):
        for A in combinations(range(H.shape[1]), size):
            cells: dict[tuple[int, ...], list[tuple[float, float]]] = {}
            for i, j in pairs:
                cell = (*H[i, list(A)], *H[j, list(A)])
                signs = (np.sign(mu[i] - mu[j]), np.sign(g[i] - g[j]))
                cells.setdefault(cell, []).append(signs)
            information = left = 0.0
            for members in cells.values():
                a, b = (entropy(list(Counter(column).values()))
                        for column in zip(*members, strict=True))  # fmt: skip
                both = entropy(list(Counter(members).values()))
                information += len(members) / len(pairs) * (a + b - both)
                left += len(members) / len(pairs) * b
            if left > 1e-12:
                ratios.append(information / left)
    return 100 * min(ratios) if ratios else 0.0


@pytest.mark.parametrize("n", [2, 6, 20])
def test_it_is_what_counting_finds(n):
    for seed in range(3):
        assert sign_information(*case(n, seed)) == pytest.approx(naive(*case(n, seed)), abs=1e-9)


def test_it_is_blind_to_the_sign_and_to_growing_functions():
    mu, g, H = case(30)
    found = sign_information(mu, g, H)
    assert sign_information(-mu, g, H) == pytest.approx(found)
    assert sign_information(np.exp(mu), g**3, 5 - H) == pytest.approx(found)
    order = np.random.default_rng(2).permutation(30)
    assert sign_information(mu[order], g[order], H[order]) == pytest.approx(found)


def test_a_constant_says_nothing_and_the_truth_all():
    _, g, H = case(30)
    assert sign_information(np.ones(30), g, H) == 0
    assert sign_information(g, g, H) == pytest.approx(100)


def test_a_factor_says_nothing_that_it_does_not_say_itself():
    _, g, H = case(30)
    assert sign_information(H[:, 0].astype(float), g + 9 * H[:, 0], H) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("n", [0, 1])
def test_without_a_pair_it_is_nothing(n):
    assert sign_information(np.zeros(n), np.zeros(n), np.zeros((n, 2))) == 0


def test_where_all_are_equal_there_is_nothing_to_know():
    mu, _, H = case(10)
    assert sign_information(mu, np.zeros(10), H) == 0
