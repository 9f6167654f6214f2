r"""Entries of a tensor in the hierarchical Tucker format: a binary tree of small tensors.

A leaf of mode :math:`\mu` holds a frame :math:`U_\mu \in R^{n_\mu \times r}`, an inner node a
transfer tensor :math:`B \in R^{r_1 \times r_2 \times r}` over the ranks of its two children, and
the root has :math:`r = 1`. With the values :math:`u, v` of the children at one index,

.. math:: w_c = \sum_{a, b} u_a v_b B_{abc},

and the entry is the root's only value. The storage counted is that of frames and transfer tensors.
W. Hackbusch, S. Kuehn, *A new scheme for the tensor representation*, J. Fourier Anal. Appl. 15,
2009; L. Grasedyck, *Hierarchical singular value decomposition of tensors*, SIAM J. Matrix Anal.
Appl. 31(4), 2010 (formulas not checked against the sources).

As named arrays ("tree-tensor/1"): `child` (M, 2), integer, the children's nodes, -1 and -1 for a
leaf; `mode` (M,), integer, a leaf's mode, -1 for an inner node; `node{t}.data`, float, the frame
or transfer tensor of node t. Children come before their parents, the root is last, and a leaf
without data has the identity as its frame, so a tensor train is such a tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

CHUNK = 2048
"""Entries that are contracted at once: their values stay in the processor's cache."""
TABLE = 256
"""A subtree of at most so many entries is tabulated once instead of contracted for each entry."""
MOST_NUMBERS = 1 << 22
"""Intermediate numbers held at once; larger ranks get smaller chunks."""


@dataclass(frozen=True)
class Tree:
    """A tensor of the format, checked."""

    shape: tuple[int, ...]
    child: np.ndarray  # (M, 2) int64
    mode: np.ndarray  # (M,) int64
    data: tuple[np.ndarray | None, ...]  # float64; None: the identity
    ranks: tuple[int, ...]
    modes: tuple[tuple[int, ...], ...]
    """Of each node: the modes below it."""

    @property
    def size(self) -> int:
        """Stored entries, what the theory counts."""
        return sum(array.size for array in self.data if array is not None)


def read(arrays: Mapping[str, np.ndarray], shape: Sequence[int]) -> Tree:
    """Return named arrays as a tree over a tensor of this shape.

    Raises
    ------
    ValueError
        A name is missing or not wanted, a mode is not there exactly once, a node is nobody's
        child or comes before its own, shapes do not fit, or a number is not finite.
    """
    child, mode = _integers(arrays, "child", 2), _integers(arrays, "mode", 1)
    d = len(shape)
    m = 2 * d - 1
    if child.shape != (m, 2) or mode.shape != (m,):
        raise ValueError(
            f"child and mode must have shapes ({m}, 2) and ({m},), a binary tree with {d} leaves, "
            f"got {child.shape} and {mode.shape}."
        )
    names = {"child", "mode"} | {f"node{t}.data" for t in range(m)}
    for name in arrays:
        if name not in names:
            raise ValueError(f"{name!r} is no array of a tree with {m} nodes.")
    is_leaf: np.ndarray = np.all(child < 0, axis=1)
    if sorted(mode[is_leaf].tolist()) != list(range(d)):
        raise ValueError(
            f"every mode from 0 to {d - 1} must be that of exactly one leaf, got "
            f"{mode[is_leaf].tolist()}."
        )
    inner = child[~is_leaf]
    if not (inner >= 0).all() or not (inner < np.flatnonzero(~is_leaf)[:, None]).all():
        raise ValueError("child must name nodes that come before their parent.")
    if sorted(inner.ravel().tolist()) != list(range(m - 1)):
        raise ValueError("every node but the last, the root, must be a child exactly once.")
    data: list[np.ndarray | None] = []
    ranks: list[int] = []
    modes: list[tuple[int, ...]] = []
    for t in range(m):
        if is_leaf[t]:
            below: tuple[int, ...] = (int(shape[mode[t]]),)
            modes.append((int(mode[t]),))
        else:
            left, right = child[t]
            below = ranks[left], ranks[right]
            modes.append(modes[left] + modes[right])
        data.append(_data(arrays, t, below, t == m - 1, bool(is_leaf[t])))
        found = data[-1]
        ranks.append(below[0] if found is None else found.shape[-1])
    return Tree(tuple(int(n) for n in shape), child, mode, tuple(data), tuple(ranks), tuple(modes))


def entries(tree: Tree, index: np.ndarray) -> np.ndarray:
    """Return the tensor's entries at many indices.

    Parameters
    ----------
    tree : Tree
    index : integer array of shape (N, d)

    Returns
    -------
    float64 array of shape (N,)

    Raises
    ------
    ValueError
        If `index` has another shape or kind, or lies outside the tensor.

    Examples
    --------
    The sum of two indices has rank 2: (1, i) and (1, j) over [[0, 1], [1, 0]].

    >>> frame = np.stack([np.ones(3), np.arange(3.0)], axis=1)
    >>> root = np.array([[0.0, 1.0], [1.0, 0.0]])[..., None]
    >>> tree = read(
    ...     {
    ...         "child": np.array([[-1, -1], [-1, -1], [0, 1]]),
    ...         "mode": np.array([0, 1, -1]),
    ...         "node0.data": frame, "node1.data": frame, "node2.data": root,
    ...     },
    ...     (3, 3),
    ... )
    >>> entries(tree, np.array([[0, 0], [1, 2], [2, 2]]))
    array([0., 3., 4.])
    """
    d = len(tree.shape)
    if index.ndim != 2 or index.shape[1] != d or index.dtype.kind not in "iu":
        raise ValueError(
            f"index must hold integers of shape (N, {d}), got {index.dtype} of shape {index.shape}."
        )
    if len(index) and ((index < 0) | (index >= np.array(tree.shape))).any():
        raise ValueError(f"index must lie inside a tensor of shape {tree.shape}.")
    tables, plan = _tabulate(tree)
    widest = max((tree.ranks[right] * tree.ranks[t] for t, right, _ in plan), default=1)
    chunk = max(1, min(CHUNK, MOST_NUMBERS // widest))
    out = np.empty(len(index))
    for start in range(0, len(index), chunk):
        out[start : start + chunk] = _contract(tree, tables, plan, index[start : start + chunk])
    return out


Table = tuple[np.ndarray, tuple[int, ...]]
"""Values (entries, r) of a subtree, and the modes that number them, the last one fastest."""


def _tabulate(tree: Tree) -> tuple[dict[int, Table], list[tuple[int, int, int]]]:
    """Return tables of the small subtrees, and what is left to contract: (node, right, left)."""
    tables: dict[int, Table] = {}
    plan = []
    for t, data in enumerate(tree.data):
        left, right = tree.child[t].tolist()
        if left < 0:
            n = tree.shape[tree.mode[t]]
            tables[t] = (np.eye(n) if data is None else data), tree.modes[t]
            continue
        assert data is not None
        if left in tables and right in tables:
            u, v = tables[left][0], tables[right][0]
            if len(u) * len(v) <= TABLE:
                w = np.tensordot(u, data, 1).transpose(0, 2, 1) @ v.T  # (A, r, B)
                table = w.transpose(0, 2, 1).reshape(len(u) * len(v), -1)
                tables[t] = table, tree.modes[t]
                continue
        plan.append((t, right, left))
    return tables, plan


def _contract(
    tree: Tree, tables: dict[int, Table], plan: list[tuple[int, int, int]], index: np.ndarray
) -> np.ndarray:
    values: dict[int, np.ndarray] = {}

    def of(t: int) -> np.ndarray:
        if t not in tables:
            return values.pop(t)
        table, modes = tables[t]
        row = index[:, modes[0]].astype(np.intp)
        for mode in modes[1:]:
            row = row * tree.shape[mode] + index[:, mode]
        return table[row]

    for t, right, left in plan:
        data = tree.data[t]
        assert data is not None
        r1, r2, r = data.shape
        u, v = of(left), of(right)
        w = (u @ data.reshape(r1, r2 * r)).reshape(len(u), r2, r)
        values[t] = (v[:, None, :] @ w)[:, 0]
    root: np.ndarray = of(len(tree.data) - 1)[:, 0]
    return root


def _integers(arrays: Mapping[str, np.ndarray], name: str, ndim: int) -> np.ndarray:
    array = arrays.get(name)
    if array is None or array.dtype.kind not in "iu" or array.ndim != ndim:
        got = "nothing" if array is None else f"{array.dtype} of shape {array.shape}"
        raise ValueError(f"{name!r} must be an integer array with {ndim} axes, got {got}.")
    return array.astype(np.int64)


def _data(
    arrays: Mapping[str, np.ndarray], t: int, below: tuple[int, ...], is_root: bool, is_leaf: bool
) -> np.ndarray | None:
    name = f"node{t}.data"
    array = arrays.get(name)
    if array is None:
        if is_leaf and not (is_root and below[0] != 1):
            return None
        raise ValueError(f"{name!r} is missing: only a leaf may leave its frame out.")
    wanted = (*below, 1) if is_root else (*below, "any")
    fits = array.ndim == len(wanted) and array.shape[:-1] == below
    if not fits or not array.shape[-1] or (is_root and array.shape[-1] != 1):
        text = ", ".join(map(str, wanted))
        raise ValueError(f"{name!r} must have shape ({text}), got {array.shape}.")
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise ValueError(f"{name!r} must hold finite floats, got {array.dtype}.")
    return array.astype(np.float64)
