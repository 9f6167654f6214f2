"""The stationary covariance against its equation, a direct solve and a simulated chain."""

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov
from scipy.stats import ortho_group

from harness.kernels.stationary_covariance import in_eigenbasis, stationary_covariance

P = 6


def problem(w, seed=0):
    U = ortho_group.rvs(len(w), random_state=seed)
    G = np.random.default_rng(seed).normal(size=(len(w), 2 * len(w)))
    return U * w @ U.T, G @ G.T / len(w)


@pytest.mark.parametrize("rate", [1e-3, 0.1, 0.9])
def test_it_solves_the_equation(rate):
    H, C = problem(np.array([2.0, 1.5, 0.5, 0.5, 0.1, 1e-3]))
    S = stationary_covariance(H, C, rate, batch=4)
    np.testing.assert_allclose(
        H @ S + S @ H - rate * H @ S @ H, rate / 4 * C, atol=1e-12 * rate * np.abs(C).max()
    )
    np.testing.assert_array_equal(S, S.T)
    assert np.linalg.eigvalsh(S)[0] > 0


@pytest.mark.parametrize("rate", [0.1, 0.9])
def test_it_is_what_a_direct_solve_gives(rate):
    H, C = problem(np.linspace(0.1, 2, P))
    A = np.eye(P) - rate * H
    unknown = np.eye(P * P) - np.kron(A, A)
    direct = np.linalg.solve(unknown, (rate**2 / 3 * C).ravel()).reshape(P, P)
    S = stationary_covariance(H, C, rate, batch=3)
    np.testing.assert_allclose(S, direct, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        S, solve_discrete_lyapunov(A, rate**2 / 3 * C), rtol=1e-9, atol=1e-12
    )


def test_it_is_the_covariance_of_a_chain():
    w, rate, batch, n_chains = np.array([1.5, 0.4]), 0.5, 2, 20_000
    H, C = problem(w)
    rng = np.random.default_rng(0)
    root = np.linalg.cholesky(C / batch)
    theta = np.zeros((n_chains, 2))
    for _ in range(60):  # (1 - 0.5 * 0.4)^120 is below 1e-11
        theta = theta - rate * (theta @ H + rng.normal(size=theta.shape) @ root.T)
    S = stationary_covariance(H, C, rate, batch)
    np.testing.assert_allclose(np.cov(theta.T), S, atol=0.04 * S.trace())


def test_one_direction_has_a_closed_form_up_to_where_it_diverges():
    for eta_w in (1e-12, 1.0, 2 - 1e-9):
        S = stationary_covariance(np.array([[eta_w]]), np.eye(1), rate=1.0, batch=1)
        assert S.item() == pytest.approx(1 / (eta_w * (2 - eta_w)), rel=1e-15)


def test_batches_divide_and_small_rates_multiply():
    H, C = problem(np.linspace(0.1, 2, P))
    S = stationary_covariance(H, C, 0.1, 1)
    np.testing.assert_allclose(stationary_covariance(H, C, 0.1, 8), S / 8, rtol=1e-12)
    small = [stationary_covariance(H, C, rate, 1) for rate in (1e-6, 2e-6)]
    np.testing.assert_allclose(small[1], 2 * small[0], rtol=1e-4)


def test_the_eigenbasis_may_be_brought_along_in_any_order_and_nothing_brought_is_changed():
    H, C = problem(np.linspace(0.1, 2, P))
    w, U = (a[..., ::-1] for a in np.linalg.eigh(H))
    noise = U.T @ C @ U
    before = noise.copy()
    S = U @ in_eigenbasis(w, noise, 0.1, batch=3) @ U.T
    np.testing.assert_allclose(S, stationary_covariance(H, C, 0.1, batch=3), rtol=1e-10)
    np.testing.assert_array_equal(noise, before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eigenvalues": np.ones(3)}, r"must share P, at least 1, got \(3,\) and \(2, 2\)"),
        ({"eigenvalues": np.zeros(0), "noise": np.zeros((0, 0))}, "at least 1"),
        ({"eigenvalues": np.array([1.0, -0.5])}, "eigenvalue -0.5: this is no minimum"),
        ({"eigenvalues": np.array([4.0, 1.0])}, "SGD diverges from 0.5 on"),
        ({"rate": -1.0}, "must be positive, got -1.0 and 1"),
    ],
)
def test_an_eigenbasis_without_a_stationary_state_is_an_error_that_says_why(change, message):
    good = {"eigenvalues": np.ones(2), "noise": np.eye(2), "rate": 0.5, "batch": 1}
    with pytest.raises(ValueError, match=message):
        in_eigenbasis(**(good | change))


def test_single_precision_and_read_only_arrays_are_taken():
    H, C = (a.astype(np.float32) for a in problem(np.linspace(0.1, 2, P)))
    H.setflags(write=False)
    assert stationary_covariance(H, C, 0.1, 1).dtype == np.float64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hessian": np.eye(2)}, r"share a shape \(P, P\), got \(2, 2\) and \(3, 3\)"),
        ({"gradient_covariance": np.ones(3)}, "share a shape"),
        ({"hessian": np.diag([1.0, 1.0, 0.0])}, "eigenvalue 0: this is no minimum"),
        ({"hessian": np.diag([1.0, 1.0, -0.5])}, "eigenvalue -0.5: this is no minimum"),
        ({"rate": 2.0}, "rate 2.0 is too large for the eigenvalue 1: SGD diverges from 2 on"),
        ({"rate": 0.0}, "must be positive, got 0.0 and 1"),
        ({"batch": 0}, "must be positive, got 0.5 and 0"),
        ({"gradient_covariance": np.full((3, 3), np.nan)}, "finite"),
    ],
)
def test_what_has_no_stationary_state_is_an_error_that_says_why(change, message):
    good = {"hessian": np.eye(3), "gradient_covariance": np.eye(3), "rate": 0.5, "batch": 1}
    with pytest.raises(ValueError, match=message):
        stationary_covariance(**(good | change))
