"""The hard-margin machine against general solvers, its conditions and its invariances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog, minimize, nnls

from harness.kernels import hard_margin as module
from harness.kernels.hard_margin import hard_margin

WIDTHS = (np.inf, 2.0, 0.3, 0.0)


def problem(n: int, d: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return a Gaussian kernel on points of two overlapping classes."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.5, 1, -1)
    x = rng.standard_normal((n, d)) + 0.5 * y[:, None]
    distance = ((x[:, None] - x[None]) ** 2).sum(-1)
    return np.exp(-0.05 * distance), y


def least_distance(K: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the margins by Lawson's and Hanson's least-distance form, through scipy's nnls."""
    G = np.linalg.cholesky(K * np.outer(y, y))
    E = np.vstack([G.T, np.ones(len(y))])
    f = np.zeros(len(E))
    f[-1] = 1
    residual = E @ nnls(E, f, maxiter=100 * len(y))[0] - f
    margins: np.ndarray = G @ (-residual[:-1] / residual[-1])
    return margins


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [1, 2, 9, 60, 150])
def test_it_is_the_least_distance_that_nnls_finds(n, seed):
    K, y = problem(n, seed=seed)
    alpha = hard_margin(K, y)
    np.testing.assert_allclose(y * (K @ (y * alpha)), least_distance(K, y), atol=1e-8)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [3, 40, 120])
def test_the_conditions_of_the_least_norm_hold(n, seed, width):
    """Margins lie between the ends, and a coefficient that is not 0 says at which one."""
    K, y = problem(n, seed=seed)
    alpha = hard_margin(K, y, width)
    margin = y * (K @ (y * alpha))
    assert margin.min() > 1 - 1e-8 and margin.max() < 1 + width + 1e-8
    if width:
        np.testing.assert_allclose(margin[alpha > 0], 1, atol=1e-8)
        np.testing.assert_allclose(margin[alpha < 0], 1 + width, atol=1e-8)


@pytest.mark.parametrize("width", WIDTHS[:3])
def test_a_general_solver_stops_there(width):
    K, y = problem(12)
    Q = K * np.outer(y, y)
    ends = [{"type": "ineq", "fun": lambda a: Q @ a - 1, "jac": lambda a: Q}]
    if np.isfinite(width):
        ends.append({"type": "ineq", "fun": lambda a: 1 + width - Q @ a, "jac": lambda a: -Q})
    found = minimize(
        lambda a: a @ Q @ a / 2,
        np.linalg.solve(Q, np.ones(12)),
        jac=lambda a: Q @ a,
        constraints=ends,
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(Q @ hard_margin(K, y, width), Q @ found.x, atol=1e-5)


def test_no_width_is_the_interpolant_and_a_large_one_is_none():
    K, y = problem(50)
    np.testing.assert_allclose(K @ (y * hard_margin(K, y, 0.0)), y, atol=1e-9)
    np.testing.assert_allclose(hard_margin(K, y, 1e6), hard_margin(K, y), atol=1e-9)


def test_a_narrower_tube_has_a_larger_norm():
    K, y = problem(50)
    Q = K * np.outer(y, y)
    norms = [alpha @ Q @ alpha for alpha in (hard_margin(K, y, width) for width in WIDTHS)]
    assert norms == sorted(norms) and norms[0] < norms[-1]


def test_the_norm_is_the_sum_of_the_coefficients():
    """Where alpha is not 0 the margin is 1: alpha Q alpha = sum alpha."""
    K, y = problem(80)
    alpha = hard_margin(K, y)
    assert alpha.sum() == pytest.approx(alpha @ (K * np.outer(y, y)) @ alpha)


@pytest.mark.parametrize("width", WIDTHS)
def test_order_names_of_classes_and_scale_change_what_they_should(width):
    K, y = problem(40)
    alpha = hard_margin(K, y, width)
    order = np.random.default_rng(1).permutation(40)
    np.testing.assert_allclose(hard_margin(K[order][:, order], y[order], width), alpha[order])
    np.testing.assert_allclose(hard_margin(K, -y, width), alpha)
    np.testing.assert_allclose(hard_margin(9 * K, y, width), alpha / 9)


@pytest.mark.parametrize("width", WIDTHS)
def test_any_start_leads_to_the_same(width):
    K, y = problem(60)
    alpha = hard_margin(K, y, width)
    rng = np.random.default_rng(0)
    for start in (alpha, -alpha, np.zeros(60), rng.standard_normal(60)):
        np.testing.assert_allclose(hard_margin(K, y, width, start), alpha, atol=1e-9)


def test_what_supports_nothing_may_be_left_out():
    K, y = problem(60)
    alpha = hard_margin(K, y)
    assert 2 < (alpha > 0).sum() < 58
    keep = np.flatnonzero(alpha > 0)
    np.testing.assert_allclose(hard_margin(K[np.ix_(keep, keep)], y[keep]), alpha[keep])


def test_single_exchanges_come_to_an_end_too(monkeypatch):
    """Without patience it is Murty's method from the second step that does not gain."""
    monkeypatch.setattr(module, "PATIENCE", 0)
    for seed in range(5):
        K, y = problem(60, seed=seed)
        np.testing.assert_allclose(
            y * (K @ (y * hard_margin(K, y))), least_distance(K, y), atol=1e-8
        )


def test_a_linear_program_agrees_on_which_signs_can_be_had():
    """With K = X X^T of full rank every labelling is separable, and the program says so."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((8, 12)), np.where(rng.random(8) < 0.5, 1, -1)
    w = X.T @ (y * hard_margin(X @ X.T, y))
    feasible = linprog(np.zeros(12), -y[:, None] * X, -np.ones(8), bounds=(None, None))
    assert feasible.success and (y * (X @ w)).min() > 1 - 1e-9
    assert np.linalg.norm(w) <= np.linalg.norm(feasible.x) + 1e-9


@pytest.mark.parametrize(
    "K, y, width, message",
    [
        (np.eye(3), np.ones(2), 1.0, r"share n, got shapes \(3, 3\) and \(2,\)"),
        (np.eye(2), np.array([1.0, 0.0]), 1.0, r"must be \+1 or -1"),
        (np.eye(2), np.ones(2), -1.0, "width must be 0 or more, got -1"),
        (np.eye(2), np.ones(2), float("nan"), "width must be 0 or more, got nan"),
        (np.ones((2, 2)), np.ones(2), 0.0, "positive definite in float64, its minor 2 is not"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_why(K, y, width, message):
    with pytest.raises(ValueError, match=message):
        hard_margin(K, y, width)
