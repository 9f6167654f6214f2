"""The hierarchical SVD against the singular values of every matricization."""

import numpy as np
import pytest

from harness.kernels.hierarchical_svd import hierarchical_svd
from harness.kernels.tree_tensor import entries, read

SHAPES = [(5, 4), (4, 3, 5), (4, 4, 4, 4), (3, 4, 2, 3, 4), (3, 2, 3, 2, 3, 2), (3, 2) * 3 + (2,)]
shapes = pytest.mark.parametrize("shape", [*SHAPES, (2,) * 11], ids=str)


def smooth(shape, seed=0):
    """Draw a tensor whose singular values fall fast: 1 / (a sum of increasing grids)."""
    rng = np.random.default_rng(seed)
    grids = np.meshgrid(*(np.sort(rng.uniform(0, 1, n)) for n in shape), indexing="ij")
    return 1 / (0.3 + sum(grids))


def dense(tree):
    index = np.indices(tree.shape).reshape(len(tree.shape), -1).T
    return entries(tree, index).reshape(tree.shape)


def matricization(A, modes):
    others = [k for k in range(A.ndim) if k not in modes]
    n = int(np.prod([A.shape[k] for k in modes]))
    return A.transpose(*modes, *others).reshape(n, -1)


def decomposed(A, eps):
    return read(hierarchical_svd(A, eps), A.shape)


@shapes
@pytest.mark.parametrize("eps", [1e-1, 1e-3, 1e-6])
def test_the_error_is_at_most_eps(shape, eps):
    A = smooth(shape)
    error = np.linalg.norm(dense(decomposed(A, eps)) - A) / np.linalg.norm(A)
    assert error <= eps


@shapes
def test_no_rank_is_larger_than_that_of_the_truncated_singular_values(shape):
    A, eps = smooth(shape), 1e-3
    tree = decomposed(A, eps)
    most = eps**2 * np.sum(A**2) / (2 * A.ndim - 2)
    for modes, rank in zip(tree.modes[:-1], tree.ranks[:-1], strict=True):
        s = np.linalg.svd(matricization(A, modes), compute_uv=False)
        tails = np.append(np.cumsum(s[::-1] ** 2)[::-1], 0)
        assert rank <= np.flatnonzero(tails <= most)[0]


@shapes
def test_a_tensor_of_known_ranks_is_found_exactly_with_these_ranks(shape):
    """A sum of functions of one index each has rank 2 at every cut."""
    A = np.indices(shape).sum(axis=0) + 1.0
    tree = decomposed(A, 1e-6)
    assert set(tree.ranks[:-1]) == {2} and tree.ranks[-1] == 1
    np.testing.assert_allclose(dense(tree), A, rtol=1e-5)


@shapes
def test_frames_and_transfer_tensors_are_orthonormal(shape):
    tree = decomposed(smooth(shape), 1e-4)
    for data in tree.data[:-1]:
        U = data.reshape(-1, data.shape[-1])
        np.testing.assert_allclose(U.T @ U, np.eye(U.shape[1]), atol=1e-12)
    root = tree.data[-1]
    assert np.linalg.norm(root) == pytest.approx(np.linalg.norm(dense(tree)))


def test_noise_keeps_its_full_rank():
    A = np.random.default_rng(0).normal(size=(3, 3, 3, 3))
    tree = decomposed(A, 1e-6)
    assert sorted(tree.ranks) == [1, 3, 3, 3, 3, 9, 9]
    np.testing.assert_allclose(dense(tree), A, atol=1e-12)


def test_scaling_the_tensor_scales_the_root_alone():
    A = smooth((4, 3, 4, 3))
    one, other = hierarchical_svd(A, 1e-3), hierarchical_svd(-8 * A, 1e-3)
    root = one.pop("node6.data"), other.pop("node6.data")
    np.testing.assert_allclose(-8 * root[0], root[1], rtol=1e-9, atol=1e-9)
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=1e-6)


def test_a_view_with_other_strides_and_single_precision_are_the_same_tensor():
    A = np.round(smooth((4, 3, 5)), 3).astype(np.float32)
    tree = decomposed(A.transpose(2, 0, 1), 1e-4)
    same = decomposed(np.ascontiguousarray(A.transpose(2, 0, 1), np.float64), 1e-4)
    np.testing.assert_array_equal(dense(tree), dense(same))


@pytest.mark.parametrize("eps", [0, 1e-7, 1, -1, float("nan")])
def test_an_accuracy_out_of_range_is_an_error(eps):
    with pytest.raises(ValueError, match="eps must be in"):
        hierarchical_svd(np.ones((2, 2)), eps)


@pytest.mark.parametrize(
    ("A", "message"),
    [
        (np.ones(3), "two modes or more"),
        (np.ones((3, 0, 2)), "two modes or more"),
        (np.zeros((2, 2)), "finite and not zero"),
        (np.array([[1.0, np.nan], [0, 1]]), "finite and not zero"),
        (np.array([[np.inf, 1.0], [0, 1]]), "finite and not zero"),
        (np.full((2, 2), 1e-170), "scale it|finite and not zero"),
    ],
)
def test_a_tensor_without_singular_values_is_an_error(A, message):
    with pytest.raises(ValueError, match=message):
        hierarchical_svd(A, 0.1)
