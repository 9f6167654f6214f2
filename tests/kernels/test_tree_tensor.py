"""The contraction of tree tensors against a naive sum over all ranks, and what a tree may be."""

import numpy as np
import pytest

from harness.kernels import tree_tensor
from harness.kernels.tree_tensor import entries, read

BALANCED = [[-1, -1]] * 4 + [[0, 1], [2, 3], [4, 5]]
TRAIN = [[-1, -1], [-1, -1], [0, 1], [-1, -1], [2, 3], [-1, -1], [5, 4]]
"""A tensor train over modes 0, 1, 2, 3, the last join with its children swapped."""


def draw(shape, child, mode, most=3, seed=0):
    """Draw a tree with ranks from 1 to `most`."""
    rng = np.random.default_rng(seed)
    arrays = {"child": np.array(child, np.int32), "mode": np.array(mode, np.int32)}
    ranks = []
    for t, ((left, right), k) in enumerate(zip(child, mode, strict=True)):
        below = (shape[k],) if left < 0 else (ranks[left], ranks[right])
        ranks.append(1 if t == len(child) - 1 else int(rng.integers(1, most + 1)))
        arrays[f"node{t}.data"] = rng.normal(size=(*below, ranks[-1]))
    return arrays


def naive(arrays, index):
    """Contract one entry after the other, one multiplication at a time."""
    child, mode = arrays["child"], arrays["mode"]
    found = []
    for row in index:
        values = []
        for t in range(len(mode)):
            data = arrays[f"node{t}.data"]
            if mode[t] >= 0:
                values.append([float(x) for x in data[row[mode[t]]]])
                continue
            u, v = values[child[t][0]], values[child[t][1]]
            values.append(
                [
                    sum(u[a] * v[b] * data[a, b, c] for a in range(len(u)) for b in range(len(v)))
                    for c in range(data.shape[2])
                ]
            )
        found.append(values[-1][0])
    return np.array(found)


TREES = {
    "balanced": ((3, 4, 2, 5), BALANCED, [2, 0, 3, 1, -1, -1, -1]),
    "train": ((3, 4, 2, 5), TRAIN, [0, 1, -1, 2, -1, 3, -1]),
    "one mode": ((4,), [[-1, -1]], [0]),
    "two modes": ((4, 3), [[-1, -1], [-1, -1], [1, 0]], [0, 1, -1]),
    "too large to tabulate": ((40, 30, 20, 10), BALANCED, [3, 2, 1, 0, -1, -1, -1]),
}
trees = pytest.mark.parametrize("name", TREES)


def index_of(shape, n=200, seed=1):
    return np.random.default_rng(seed).integers(0, shape, (n, len(shape)))


@trees
@pytest.mark.parametrize("table", [0, tree_tensor.TABLE])
def test_entries_agree_with_the_naive_sum(name, table, monkeypatch):
    monkeypatch.setattr(tree_tensor, "TABLE", table)
    shape, child, mode = TREES[name]
    arrays, index = draw(shape, child, mode), index_of(shape)
    tree = read(arrays, shape)
    np.testing.assert_allclose(entries(tree, index), naive(arrays, index), rtol=1e-11, atol=1e-12)


@trees
def test_small_chunks_and_narrow_integers_change_nothing(name, monkeypatch):
    shape, child, mode = TREES[name]
    tree, index = read(draw(shape, child, mode), shape), index_of(shape)
    whole = entries(tree, index)
    monkeypatch.setattr(tree_tensor, "CHUNK", 7)
    np.testing.assert_allclose(entries(tree, index.astype(np.uint8)), whole, rtol=1e-11, atol=1e-12)
    monkeypatch.setattr(tree_tensor, "MOST_NUMBERS", 1)
    np.testing.assert_allclose(entries(tree, index[:20]), whole[:20], rtol=1e-11, atol=1e-12)


def test_a_leaf_without_data_has_the_identity_and_costs_nothing():
    """A matrix is then its own root."""
    A = np.random.default_rng(0).normal(size=(4, 3))
    arrays = {
        "child": np.array([[-1, -1], [-1, -1], [0, 1]]),
        "mode": np.array([0, 1, -1]),
        "node2.data": A[..., None],
    }
    tree = read(arrays, A.shape)
    index = np.indices(A.shape).reshape(2, -1).T
    np.testing.assert_array_equal(entries(tree, index), A.ravel())
    assert tree.size == A.size


def test_what_a_tree_says_of_itself():
    shape, child, mode = TREES["balanced"]
    arrays = draw(shape, child, mode)
    tree = read(arrays, shape)
    assert tree.modes == ((2,), (0,), (3,), (1,), (2, 0), (3, 1), (2, 0, 3, 1))
    assert tree.ranks == tuple(arrays[f"node{t}.data"].shape[-1] for t in range(7))
    assert tree.size == sum(a.size for n, a in arrays.items() if n.startswith("node"))


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_stored_in_fewer_bits_it_is_contracted_in_double(kind):
    shape, child, mode = TREES["balanced"]
    arrays = {
        n: a.astype(kind) if a.dtype.kind == "f" else a for n, a in draw(shape, child, mode).items()
    }
    got = entries(read(arrays, shape), index_of(shape))
    assert got.dtype == np.float64
    wide = {n: a.astype(float) if a.dtype.kind == "f" else a for n, a in arrays.items()}
    np.testing.assert_array_equal(got, entries(read(wide, shape), index_of(shape)))


def test_no_entries_are_asked_for():
    shape, child, mode = TREES["balanced"]
    tree = read(draw(shape, child, mode), shape)
    assert entries(tree, np.empty((0, 4), np.int64)).shape == (0,)


def broken(**changes):
    shape, child, mode = TREES["balanced"]
    arrays = draw(shape, child, mode) | changes
    return {name: array for name, array in arrays.items() if array is not None}


BROKEN = {
    "no child": (broken(child=None), "'child' must be an integer array with 2 axes, got nothing"),
    "real mode": (broken(mode=np.zeros(7)), "'mode' must be an integer array with 1 axes"),
    "too few nodes": (broken(mode=np.array([0, 1])), r"must have shapes \(7, 2\) and \(7,\)"),
    "no nodes": (broken(child=np.empty((0, 2), int)), r"a binary tree with 4 leaves"),
    "a mode twice": (
        broken(mode=np.array([0, 0, 1, 2, -1, -1, -1])),
        "every mode from 0 to 3 must be that of exactly one leaf",
    ),
    "a loop": (
        broken(child=np.array([[-1, -1]] * 4 + [[0, 6], [2, 3], [4, 5]])),
        "come before their parent",
    ),
    "half a leaf": (
        broken(child=np.array([[-1, -1]] * 4 + [[0, -1], [2, 3], [4, 5]])),
        "come before their parent",
    ),
    "a child of two": (
        broken(child=np.array([[-1, -1]] * 4 + [[0, 1], [2, 1], [4, 5]])),
        "must be a child exactly once",
    ),
    "another array": (broken(extra=np.zeros(3)), "'extra' is no array of a tree with 7 nodes"),
    "a node too many": (broken(**{"node7.data": np.zeros(3)}), "'node7.data' is no array"),
    "no transfer tensor": (broken(**{"node4.data": None}), "'node4.data' is missing"),
    "a frame too short": (
        broken(**{"node0.data": np.zeros((3, 1))}),
        r"'node0.data' must have shape \(2, any\), got \(3, 1\)",
    ),
    "no rank": (broken(**{"node0.data": np.zeros((2, 0))}), r"got \(2, 0\)"),
    "a root of rank 2": (broken(**{"node6.data": np.zeros((2, 1, 2))}), "'node6.data' must have"),
    "a scalar": (broken(**{"node0.data": np.array(1.0)}), r"got \(\)"),
    "not a number": (
        broken(**{"node0.data": np.full((2, 3), np.nan)}),
        "'node0.data' must hold finite floats",
    ),
    "integers": (broken(**{"node0.data": np.ones((2, 3), int)}), "finite floats, got int64"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_tree_is_an_error(name):
    arrays, message = BROKEN[name]
    with pytest.raises(ValueError, match=message):
        read(arrays, TREES["balanced"][0])


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (np.zeros((3, 3), int), r"integers of shape \(N, 4\), got int64 of shape \(3, 3\)"),
        (np.zeros(4, int), r"got int64 of shape \(4,\)"),
        (np.zeros((3, 4)), "got float64"),
        (np.full((1, 4), 2), "must lie inside a tensor of shape"),
        (np.full((1, 4), -1), "must lie inside a tensor of shape"),
    ],
)
def test_an_index_that_is_none_is_an_error(index, message):
    shape, child, mode = TREES["balanced"]
    with pytest.raises(ValueError, match=message):
        entries(read(draw(shape, child, mode), shape), index)
