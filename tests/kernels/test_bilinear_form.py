"""What M = W_Q^T W_K says of a head, against M itself and changes of basis."""

import numpy as np
import pytest
import torch

from harness.kernels.bilinear_form import (
    antisymmetric,
    negative,
    participation,
    singular_values,
    stable_rank,
)


def factors(d_h=4, d=10, heads=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((2, heads, d_h, d))


def formed(W_Q, W_K):
    return np.swapaxes(W_Q, -1, -2) @ W_K


@pytest.mark.parametrize(("d_h", "d"), [(4, 10), (4, 6), (4, 4), (1, 3)])
def test_all_is_that_of_the_matrix_itself(d_h, d):
    W_Q, W_K = factors(d_h, d)
    M = formed(W_Q, W_K)
    T = np.swapaxes(M, -1, -2)
    s = np.linalg.svd(M, compute_uv=False)[..., :d_h]
    values = np.linalg.eigvalsh((M + T) / 2)
    squared = (M**2).sum((-1, -2))
    found = singular_values(W_Q, W_K)
    np.testing.assert_allclose(found, s, rtol=1e-10)
    np.testing.assert_allclose(stable_rank(found), squared / s[..., 0] ** 2)
    np.testing.assert_allclose(participation(found), s.sum(-1) ** 2 / squared)
    np.testing.assert_allclose(
        antisymmetric(W_Q, W_K), ((M - T) ** 2).sum((-1, -2)) / (4 * squared), atol=1e-12
    )
    below = (np.minimum(values, 0) ** 2).sum(-1) / (values**2).sum(-1)
    np.testing.assert_allclose(negative(W_Q, W_K), below, atol=1e-12)


def test_a_change_of_basis_of_the_head_changes_nothing():
    W_Q, W_K = factors()
    R = np.random.default_rng(1).standard_normal((4, 4)) + 3 * np.eye(4)
    other = R.T @ W_Q, np.linalg.solve(R, W_K)
    np.testing.assert_allclose(singular_values(*other), singular_values(W_Q, W_K), rtol=1e-8)
    np.testing.assert_allclose(antisymmetric(*other), antisymmetric(W_Q, W_K), rtol=1e-8)
    np.testing.assert_allclose(negative(*other), negative(W_Q, W_K), rtol=1e-8)


def test_one_map_for_both_is_symmetric_and_nowhere_negative():
    W, _ = factors()
    np.testing.assert_allclose(antisymmetric(W, W), 0, atol=1e-12)
    np.testing.assert_allclose(negative(W, W), 0, atol=1e-12)
    np.testing.assert_allclose(negative(W, -W), 1)


def test_a_head_of_parallel_rows_has_rank_one():
    W_Q, W_K = factors()
    W_Q[:, 1:] = W_Q[:, :1]
    s = singular_values(W_Q, W_K)
    np.testing.assert_allclose(stable_rank(s), 1)
    np.testing.assert_allclose(participation(s), 1, rtol=1e-6)


@pytest.mark.parametrize("what", [singular_values, antisymmetric, negative])
@pytest.mark.parametrize(
    ("one", "other"), [((4, 3), (4, 3)), ((2, 5), (2, 6)), ((5,), (5,)), ((0, 3), (0, 3))]
)
def test_what_are_no_factors_of_a_head_is_refused(what, one, other):
    with pytest.raises(ValueError, match="d_h"):
        what(torch.ones(one), torch.ones(other))


def test_nan_is_refused():
    W = torch.ones(2, 3)
    W[0, 0] = torch.nan
    with pytest.raises(ValueError, match="finite"):
        singular_values(W, W)
