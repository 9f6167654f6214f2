"""The best neuron in the plane against a fine grid, its symmetries and degenerate samples."""

from __future__ import annotations

import numpy as np
import pytest

from harness.kernels.circle_sup import circle_sup


def on_a_grid(X: np.ndarray, signs: np.ndarray, n: int = 20_000) -> np.ndarray:
    """Return the sup over n directions, a loop over rows of signs."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    outputs = np.maximum(0, X @ np.stack([np.cos(angle), np.sin(angle)]))
    return np.array([np.abs(row @ outputs).max() for row in signs])


def draw(n: int, seed: int = 0, n_rows: int = 50) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 2)), rng.choice([-1.0, 1.0], (n_rows, n))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [1, 2, 3, 10, 60])
def test_no_direction_of_a_grid_is_better_and_one_is_nearly_as_good(n, seed):
    X, signs = draw(n, seed)
    found, grid = circle_sup(X, signs), on_a_grid(X, signs)
    length = np.linalg.norm(X, axis=1).sum()
    assert (grid <= found + 1e-12 * length).all()
    assert (found - grid).max() < 2 * np.pi / 20_000 * length


def test_one_sample_is_followed_exactly():
    np.testing.assert_allclose(circle_sup(np.array([[3.0, 4.0]]), np.array([[1], [-1]])), [5, 5])


def test_samples_of_one_sign_in_a_half_plane_add_up():
    X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, -0.5]])
    assert circle_sup(X, np.ones((1, 3)))[0] == pytest.approx(np.linalg.norm(X.sum(0)))


def test_symmetries_change_nothing_and_scale_is_a_factor():
    X, signs = draw(12)
    found = circle_sup(X, signs)
    c, s = np.cos(0.7), np.sin(0.7)
    order = np.random.default_rng(1).permutation(12)
    np.testing.assert_allclose(circle_sup(X @ np.array([[c, -s], [s, c]]), signs), found)
    np.testing.assert_allclose(circle_sup(X * [1, -1], signs), found)
    np.testing.assert_allclose(circle_sup(X, -signs), found)
    np.testing.assert_allclose(circle_sup(X[order], signs[:, order]), found)
    np.testing.assert_allclose(circle_sup(2 * X, signs), 2 * found)


def test_copies_and_zeros_are_no_cells_of_their_own():
    X, signs = draw(5)
    twice = circle_sup(np.concatenate([X, X]), np.concatenate([signs, signs], 1))
    np.testing.assert_allclose(twice, 2 * circle_sup(X, signs))
    with_zero = circle_sup(np.concatenate([X, np.zeros((1, 2))]), np.c_[signs, np.ones(len(signs))])
    np.testing.assert_allclose(with_zero, circle_sup(X, signs))


def test_samples_on_one_line_leave_one_side_at_a_time():
    X = np.array([[1.0, 0.0], [2.0, 0.0], [-3.0, 0.0]])
    np.testing.assert_allclose(circle_sup(X, np.array([[1, 1, 1], [1, -1, 1]])), [3, 3])
    np.testing.assert_allclose(circle_sup(X[:2], np.array([[1, 1], [1, -1]])), [3, 1])


@pytest.mark.parametrize(
    "X, signs", [(np.ones((3, 3)), np.ones((1, 3))), (np.ones((3, 2)), np.ones((1, 2))),
                 (np.ones((3, 2)), np.ones(3)), (np.ones((0, 2)), np.ones((1, 0)))]
)  # fmt: skip
def test_what_does_not_fit_is_an_error_that_says_why(X, signs):
    with pytest.raises(ValueError, match=r"must share n > 0, got shapes"):
        circle_sup(X, signs)
