"""Matched concordance against loops over pairs, against scipy's tau, and its invariances."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import kendalltau

from harness.kernels.matched import concordances, conditions, matched


def case(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    g = rng.standard_normal(n)
    mu = np.round(g + rng.standard_normal(n), 1)
    return mu, g, rng.integers(2, size=(n, 4))


def naive(mu: np.ndarray, g: np.ndarray, H: np.ndarray) -> float:
    values = []
    for size in range(3):
        for A in combinations(range(H.shape[1]), size):
            signs = [
                np.sign(mu[i] - mu[j]) * np.sign(g[i] - g[j])
                for i in range(len(mu))
                for j in range(len(mu))
                if i != j and all(H[i, k] == H[j, k] for k in A)
            ]
            if signs:
                values.append(np.mean(signs))
    return float(min(values)) if values else 0.0


@pytest.mark.parametrize("n", [2, 7, 24])
def test_it_is_what_a_loop_over_pairs_finds(n):
    for seed in range(3):
        assert matched(*case(n, seed)) == pytest.approx(naive(*case(n, seed)), abs=1e-12)


def test_with_nothing_held_fixed_it_is_kendalls_tau():
    _, g, H = case(40)
    mu = g + np.random.default_rng(1).standard_normal(40)
    assert concordances(mu, g, H)[0] == pytest.approx(kendalltau(mu, g).statistic, abs=1e-12)


@pytest.mark.parametrize("of", [(0,), (1, 3)])
def test_a_function_of_two_factors_has_at_most_nothing(of):
    _, g, H = case(40)
    g = g + 5 * H[:, of[0]]  # so that it says much where nothing is held fixed
    mu = H[:, list(of)] @ np.array([2.0, 1.0][: len(of)])
    assert concordances(mu, g, H)[0] > 0.2
    assert matched(mu, g, H) <= 0


def test_the_opposite_has_the_opposite_sign_and_growing_functions_change_nothing():
    mu, g, H = case(30)
    np.testing.assert_allclose(concordances(-mu, g, H), -concordances(mu, g, H))
    assert matched(np.exp(mu), g**3, 7 - H) == matched(mu, g, H)


def test_differences_that_overflow_or_are_subnormal_are_differences():
    g = np.array([1.0, 2, 3])
    H = np.zeros((3, 1))
    assert matched(np.array([-1.7e308, 0, 1.7e308]), g, H) == 1
    assert matched(np.array([0, 5e-324, 1e-323]), g, H) == 1


def test_order_does_not_matter():
    mu, g, H = case(30)
    order = np.random.default_rng(2).permutation(30)
    assert matched(mu[order], g[order], H[order]) == pytest.approx(matched(mu, g, H), abs=1e-12)


def test_weights_count_copies_without_their_own_pairs():
    mu, g, H = case(12)
    weights = np.random.default_rng(3).integers(3, size=(5, 12))
    for row, found in zip(weights, concordances(mu, g, H, weights), strict=True):
        for A, value in zip(conditions(4), found, strict=True):
            signs, total = 0.0, 0.0
            for i in range(12):
                for j in range(12):
                    if i != j and all(H[i, k] == H[j, k] for k in A):
                        w = row[i] * row[j]
                        signs += w * np.sign(mu[i] - mu[j]) * np.sign(g[i] - g[j])
                        total += w
            assert value == pytest.approx(signs / total if total else np.nan, nan_ok=True)
    assert matched(mu, g, H, weights).shape == (5,)
    assert matched(mu, g, H, np.ones(12)) == pytest.approx(matched(mu, g, H))


@pytest.mark.parametrize("n", [0, 1])
def test_without_a_pair_it_is_nothing(n):
    assert matched(np.zeros(n), np.zeros(n), np.zeros((n, 2))) == 0


def test_conditions_without_a_pair_are_left_out():
    mu, H = np.array([1.0, 2, 3]), np.array([[0, 0], [1, 0], [2, 0]])
    assert matched(mu, mu, H) == 1
    assert np.isnan(concordances(mu, mu, H)[1])
