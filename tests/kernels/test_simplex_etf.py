"""The simplex frame against its definition."""

import numpy as np
import pytest

from harness.kernels.simplex_etf import simplex_etf


@pytest.mark.parametrize(("p", "C"), [(1, 2), (2, 2), (4, 5), (5, 5), (50, 5), (99, 100)])
def test_vectors_have_unit_norm_and_equal_angles_and_sum_to_zero(p, C):
    E = simplex_etf(p, C, seed=3)
    assert E.shape == (p, C)
    expected = (C * np.eye(C) - 1) / (C - 1)
    np.testing.assert_allclose(E.T @ E, expected, atol=1e-13)
    np.testing.assert_allclose(E.sum(1), 0, atol=1e-13)


@pytest.mark.parametrize(("p", "C"), [(5, 5), (20, 5)])
def test_the_frame_is_the_projected_orthonormal_frame_of_the_definition(p, C):
    """E = sqrt(C/(C-1)) Q (I - 11^T/C) for Q = sqrt((C-1)/C) E + q 1^T/sqrt(C), q orthogonal."""
    E = simplex_etf(p, C, seed=0)
    q = np.linalg.svd(E)[0][:, C - 1]  # a unit vector outside the span of E
    Q = np.sqrt((C - 1) / C) * E + np.outer(q, np.ones(C)) / np.sqrt(C)
    np.testing.assert_allclose(Q.T @ Q, np.eye(C), atol=1e-13)
    np.testing.assert_allclose(np.sqrt(C / (C - 1)) * Q @ (np.eye(C) - 1 / C), E, atol=1e-13)


def test_a_seed_draws_one_frame_and_another_seed_another():
    np.testing.assert_array_equal(simplex_etf(7, 4, seed=1), simplex_etf(7, 4, seed=1))
    assert np.abs(simplex_etf(7, 4, seed=1) - simplex_etf(7, 4, seed=2)).max() > 0.1


def test_orientation_is_uniform():
    """Every coordinate has mean 0 and mean square 1/p over seeds, within 6 standard errors."""
    frames = np.array([simplex_etf(3, 4, seed) for seed in range(3000)])
    assert np.abs(frames.mean(0)).max() < 0.06
    assert np.abs((frames**2).mean(0) - 1 / 3).max() < 0.04


@pytest.mark.parametrize(
    ("p", "C", "message"), [(3, 5, "needs at least 4 dimensions, got 3"), (3, 1, "got 1")]
)
def test_too_few_dimensions_or_classes_are_errors(p, C, message):
    with pytest.raises(ValueError, match=message):
        simplex_etf(p, C, seed=0)
