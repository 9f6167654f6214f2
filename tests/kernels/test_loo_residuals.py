"""Leave-one-out residuals against refits, one sample at a time."""

from __future__ import annotations

import numpy as np
import pytest

from harness.kernels.hard_margin import hard_margin
from harness.kernels.loo_residuals import loo_residuals


def problem(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.5, 1.0, -1.0)
    x = rng.standard_normal((n, 6)) + 0.5 * y[:, None]
    return np.exp(-0.05 * ((x[:, None] - x[None]) ** 2).sum(-1)), y


def without(K: np.ndarray, i: int) -> tuple[np.ndarray, np.ndarray]:
    rest = np.arange(len(K)) != i
    return rest, K[np.ix_(rest, rest)]


@pytest.mark.parametrize("n", [1, 2, 30])
def test_they_are_those_of_as_many_interpolants(n):
    K, _ = problem(n)
    y = np.random.default_rng(1).standard_normal(n)
    expected = []
    for i in range(n):
        rest, inner = without(K, i)
        expected.append(y[i] - K[i, rest] @ np.linalg.solve(inner, y[rest]))
    np.testing.assert_allclose(loo_residuals(K, np.linalg.solve(K, y)), expected, rtol=1e-7)


def test_with_a_ridge_they_are_those_of_as_many_regularized_fits():
    K, y = problem(30)
    expected = []
    for i in range(30):
        rest, inner = without(K, i)
        expected.append(y[i] - K[i, rest] @ np.linalg.solve(inner + 0.3 * np.eye(29), y[rest]))
    G = K + 0.3 * np.eye(30)
    np.testing.assert_allclose(loo_residuals(G, np.linalg.solve(G, y)), expected)


def machine(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return K, y, alpha and how far each machine with one sample fewer is from f."""
    K, y = problem(n, seed)
    alpha = hard_margin(K, y)
    f = K @ (y * alpha)
    moved = np.zeros(n)
    for i in range(n):
        rest, inner = without(K, i)
        moved[i] = f[i] - K[i, rest] @ (y[rest] * hard_margin(inner, y[rest]))
    return K, y, alpha, moved


@pytest.mark.parametrize("seed", range(3))
def test_the_span_rule_is_exact_where_the_support_stays_and_close_elsewhere(seed):
    K, y, alpha, moved = machine(60, seed)
    support = alpha > 0
    ruled = loo_residuals(K, y * alpha, support)
    stays = []
    for i in np.flatnonzero(support):
        rest, inner = without(K, i)
        stays.append(np.array_equal(hard_margin(inner, y[rest]) > 0, support[rest]))
    stays = np.flatnonzero(support)[stays]
    assert len(stays) > 0
    np.testing.assert_allclose(ruled[stays], moved[stays], rtol=1e-6)
    assert np.corrcoef(ruled, moved)[0, 1] > 0.95
    # What is no support changes nothing, by the rule and in truth.
    assert not ruled[~support].any()
    np.testing.assert_allclose(moved[~support], 0, atol=1e-9)


def test_a_margin_never_falls_by_more_than_its_coefficient_says():
    K, y, alpha, moved = machine(60, 0)
    assert (y * moved <= alpha * np.diag(K) + 1e-9).all()
    assert (y * loo_residuals(K, y * alpha, alpha > 0) <= alpha * np.diag(K) + 1e-9).all()


def test_order_and_scale_change_what_they_should():
    K, y = problem(30)
    c = np.linalg.solve(K, y)
    residuals = loo_residuals(K, c)
    order = np.random.default_rng(1).permutation(30)
    np.testing.assert_allclose(loo_residuals(K[order][:, order], c[order]), residuals[order])
    np.testing.assert_allclose(loo_residuals(4 * K, c / 4), residuals)
    np.testing.assert_allclose(loo_residuals(K, -3 * c), -3 * residuals)


def test_nobody_supports_nothing_and_the_argument_is_left_as_it_was():
    K, y = problem(5)
    before = K.copy()
    assert not loo_residuals(K, np.zeros(5), np.zeros(5, bool)).any()
    loo_residuals(K, y)
    np.testing.assert_array_equal(K, before)


@pytest.mark.parametrize(
    "K, c, support, message",
    [
        (np.eye(3), np.ones(2), None, r"share n, got shapes \(3, 3\), \(2,\)"),
        (np.eye(2), np.ones(2), np.ones(3, bool), r"and \(3,\)"),
        (np.eye(2), np.ones(2), np.array([True, False]), "outside of the support has coefficient"),
        (np.ones((2, 2)), np.ones(2), None, "positive definite in float64, its minor 2 is not"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_why(K, c, support, message):
    with pytest.raises(ValueError, match=message):
        loo_residuals(K, c, support)
