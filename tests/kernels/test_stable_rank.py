"""Ranks against known singular values and a loop."""

import numpy as np
import pytest
import torch
from scipy.stats import ortho_group

from harness.kernels.stable_rank import numerical_rank, stable_rank


def with_singular_values(s, m, n):
    U, V = ortho_group.rvs(m, random_state=0), ortho_group.rvs(n, random_state=1)
    return (U[:, : len(s)] * s) @ V[: len(s)]


def naive_stable_rank(W):
    """Sum of squares over the largest squared stretch, found by 20000 power steps."""
    v = np.ones(W.shape[1])
    for _ in range(20000):
        v = W.T @ (W @ v)
        v /= np.linalg.norm(v)
    return sum(w * w for row in W for w in row) / np.linalg.norm(W @ v) ** 2


@pytest.mark.parametrize(("m", "n"), [(7, 5), (5, 7), (5, 5)])
def test_ranks_agree_with_known_singular_values(m, n):
    W = with_singular_values(np.array([4.0, 2.0, 1.0, 0.1]), m, n)
    assert stable_rank(W) == pytest.approx((16 + 4 + 1 + 0.01) / 16, rel=1e-13)
    assert [numerical_rank(W, tau) for tau in (0.9, 0.3, 0.05, 1e-3)] == [1, 2, 3, 4]


@pytest.mark.parametrize(("m", "n"), [(12, 9), (9, 12)])
def test_stable_rank_agrees_with_power_iteration(m, n):
    W = np.random.default_rng(0).normal(size=(m, n))
    assert stable_rank(W) == pytest.approx(naive_stable_rank(W), rel=1e-10)


@pytest.mark.parametrize("scale", [1e-200, 1e-3, 1e200])
def test_scale_does_not_matter(scale):
    W = np.random.default_rng(0).normal(size=(6, 9))
    assert stable_rank(scale * W) == pytest.approx(stable_rank(W), rel=1e-12)
    assert numerical_rank(scale * W, 0.4) == numerical_rank(W, 0.4)


def test_rotation_and_transposition_do_not_matter():
    W = np.random.default_rng(0).normal(size=(6, 9))
    Q = ortho_group.rvs(6, random_state=0)
    assert stable_rank(Q @ W) == pytest.approx(stable_rank(W), rel=1e-12)
    assert stable_rank(W.T) == pytest.approx(stable_rank(W), rel=1e-12)


def test_an_orthogonal_matrix_has_full_rank_and_an_outer_product_has_rank_one():
    assert stable_rank(ortho_group.rvs(6, random_state=0)) == pytest.approx(6)
    assert numerical_rank(ortho_group.rvs(6, random_state=0)) == 6
    assert stable_rank(np.outer([1, 2, 3], [4, 5])) == pytest.approx(1)
    assert numerical_rank(np.outer([1, 2, 3], [4, 5])) == 1


def test_a_convolution_kernel_is_measured_as_one_row_per_output_channel():
    W = torch.randn(4, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    assert stable_rank(W) == pytest.approx(stable_rank(W.reshape(4, 12)))
    assert stable_rank(W) <= 4


@pytest.mark.parametrize("rank", [stable_rank, numerical_rank])
@pytest.mark.parametrize(
    ("W", "message"),
    [
        (np.zeros((3, 2)), "zero matrix"),
        (np.ones(3), r"needs a matrix, got shape \(3,\)"),
        (np.ones((0, 3)), r"needs a matrix, got shape \(0, 3\)"),
        (np.full((2, 2), np.inf), "finite"),
    ],
)
def test_bad_matrices_are_errors_that_say_why(rank, W, message):
    with pytest.raises(ValueError, match=message):
        rank(W)


@pytest.mark.parametrize("tau", [-0.1, 1, float("nan")])
def test_a_threshold_out_of_range_is_an_error(tau):
    with pytest.raises(ValueError, match="tau must be in"):
        numerical_rank(np.eye(2), tau)
