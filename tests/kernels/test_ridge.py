"""The ridge readout against its definition."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from scipy.stats import ortho_group

from harness.kernels.ridge import ridge

SHAPES = [(40, 6), (6, 40), (8, 8)]  # primal, dual, and where they meet
shapes = pytest.mark.parametrize(("n", "p"), SHAPES)


def draw(n, p, C=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, p)), rng.normal(size=(n, C))


def objective(A, H, R, lam):
    return ((R - H @ A) ** 2).sum() / len(H) + lam * (A**2).sum()


@shapes
def test_the_readout_agrees_with_an_augmented_least_squares_problem(n, p):
    """Appending sqrt(n lam) I to H and zeros to R turns the penalty into samples."""
    H, R = draw(n, p)
    augmented = np.vstack([H, np.sqrt(n * 0.1) * np.eye(p)])
    expected = np.linalg.lstsq(augmented, np.vstack([R, np.zeros((p, 3))]))[0]
    np.testing.assert_allclose(ridge(H, R, 0.1), expected, atol=1e-12)


def test_the_readout_is_where_a_numerical_minimizer_stops():
    H, R = draw(12, 4)
    found = minimize(
        lambda a: objective(a.reshape(4, 3), H, R, 0.2), np.zeros(12), method="BFGS", tol=1e-9
    )
    np.testing.assert_allclose(ridge(H, R, 0.2), found.x.reshape(4, 3), atol=1e-5)


@shapes
def test_the_gradient_vanishes(n, p):
    H, R = draw(n, p)
    A = ridge(H, R, 1e-3).numpy()
    gradient = 2 / n * H.T @ (H @ A - R) + 2e-3 * A
    assert np.abs(gradient).max() < 1e-12


@shapes
def test_repeating_every_sample_changes_nothing(n, p):
    H, R = draw(n, p)
    twice = ridge(np.tile(H, (2, 1)), np.tile(R, (2, 1)), 0.1)
    np.testing.assert_allclose(twice, ridge(H, R, 0.1), atol=1e-12)


def test_rotating_the_features_rotates_the_readout():
    H, R = draw(30, 6)
    Q = ortho_group.rvs(6, random_state=0)
    np.testing.assert_allclose(Q @ ridge(H @ Q, R, 0.1).numpy(), ridge(H, R, 0.1), atol=1e-12)


def test_orthonormal_features_shrink_by_a_known_factor():
    Q = ortho_group.rvs(8, random_state=0)[:, :3]
    R = draw(8, 3)[1]
    np.testing.assert_allclose(ridge(Q, R, 0.25), Q.T @ R / (1 + 8 * 0.25), atol=1e-13)


def test_a_large_penalty_sends_the_readout_to_zero_and_a_small_one_to_the_pseudo_inverse():
    H, R = draw(6, 40)
    assert ridge(H, R, 1e9).abs().max() < 1e-7
    np.testing.assert_allclose(ridge(H, R, 1e-12), np.linalg.pinv(H) @ R, atol=1e-9)


def test_single_precision_features_are_solved_in_double():
    H, R = draw(40, 6)
    A = ridge(torch.tensor(H, dtype=torch.float32), R, 0.1)
    assert A.dtype == torch.float64
    np.testing.assert_allclose(A, ridge(H.astype(np.float32).astype(float), R, 0.1), rtol=1e-12)


@pytest.mark.parametrize("lam", [0, -1, float("nan")])
def test_a_penalty_that_is_not_positive_is_an_error(lam):
    with pytest.raises(ValueError, match="lam must be positive"):
        ridge(*draw(4, 2), lam)


def test_shapes_that_do_not_fit_are_errors():
    with pytest.raises(ValueError, match=r"got shapes \(4, 2\) and \(5, 3\)"):
        ridge(np.ones((4, 2)), np.ones((5, 3)), 1)
    with pytest.raises(ValueError, match="share n > 0"):
        ridge(np.ones((4, 2)), np.ones(4), 1)
    with pytest.raises(ValueError, match="share n > 0"):
        ridge(np.empty((0, 2)), np.empty((0, 3)), 1)


def test_collinear_features_with_a_vanishing_penalty_are_an_error():
    with pytest.raises(ValueError, match="collinear"):
        ridge(np.ones((50, 3)), np.ones((50, 1)), 1e-300)
