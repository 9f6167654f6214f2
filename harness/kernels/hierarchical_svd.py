r"""Hierarchical SVD: a dense tensor as a balanced tree of small ones, to a given accuracy.

From the leaves to the root, the tensor is projected at each node onto the leading left singular
vectors of its matricization; what is left of it becomes the core of the next level. A node keeps
the least rank k with

.. math:: \sum_{i > k} s_i^2 \le \varepsilon^2 \|A\|_F^2 / (2d - 2),

so that the whole relative error is at most eps: each of the 2d - 2 nodes below the root is one
orthogonal projection. L. Grasedyck, *Hierarchical singular value decomposition of tensors*, SIAM
J. Matrix Anal. Appl. 31(4):2029-2054, 2010 (his bound, sqrt(2d - 3) times the best error, shares
one truncation between the root's children; not checked against the text).

Two things make it fast. A matricization M of the first mode gives its Gram matrix M M^T and the
next core M^T U, whose first mode is then the second one: nothing is ever transposed. And one Gram
matrix of a pair of leaves holds those of its two leaves as partial traces, so the full tensor is
read twice a pair and not four times.

Gram matrices halve the digits: an accuracy below 1e-6 is refused, since ranks soon become those of
rounding, at 1e-7 for eleven modes.
"""

from __future__ import annotations

import numpy as np

Arrays = dict[str, np.ndarray]
SMALLEST = 1e-6
"""Accuracy that sums of eigenvalues of a float64 Gram matrix still tell, with a margin."""


def hierarchical_svd(A: np.ndarray, eps: float) -> Arrays:
    """Return the tree of a tensor, balanced over its modes in their order.

    Parameters
    ----------
    A : array of shape (n_0, ..., n_{d-1}), d >= 2
    eps : float
        Largest error in the Frobenius norm, relative to the tensor's; from 1e-6 to below 1.

    Returns
    -------
    dict of arrays
        `child`, `mode` and `node{t}.data`, as `harness.kernels.tree_tensor.read` takes them.

    Raises
    ------
    ValueError
        If the tensor has fewer than two modes, is empty, zero or not finite, or `eps` is out of
        range.

    Examples
    --------
    A product of two vectors has rank 1 at every node.

    >>> tree = hierarchical_svd(np.outer([1.0, 2.0], [3.0, 4.0, 5.0]), 1e-6)
    >>> [tree[f"node{t}.data"].shape for t in range(3)]
    [(2, 1), (3, 1), (1, 1, 1)]
    """
    C = np.ascontiguousarray(A, dtype=np.float64)
    if C.ndim < 2 or not C.size:
        raise ValueError(f"A hierarchical SVD needs two modes or more, got shape {C.shape}.")
    if not SMALLEST <= eps < 1:
        raise ValueError(f"eps must be in [{SMALLEST}, 1), got {eps}.")
    square = float(C.ravel() @ C.ravel())
    if not 0 < square < np.inf:
        raise ValueError("The tensor must be finite and not zero.")
    if not np.isfinite(1 / square):
        raise ValueError("The tensor is too small for its square: scale it.")
    most = eps**2 * square / (2 * C.ndim - 2)
    tree = _Tree()
    nodes: list[int] = []
    shape = C.shape
    for k in range(0, len(shape) - 1, 2) if len(shape) > 2 else ():
        C, U1, U2, U = _project_pair(C, shape[k], shape[k + 1], most)
        children = tree.add(U1, mode=k), tree.add(U2, mode=k + 1)
        nodes.append(tree.add(U, children))
    for k in range(2 * len(nodes), len(shape)):
        C, U = _project(C, shape[k], most)
        nodes.append(tree.add(U, mode=k))
    while len(nodes) > 2:
        nodes, level = [], nodes
        for a, b in zip(level[::2], level[1::2], strict=False):
            below = tree.ranks[a], tree.ranks[b]
            C, U = _project(C, below[0] * below[1], most)
            nodes.append(tree.add(U.reshape(*below, -1), (a, b)))
        if len(level) % 2:  # it waits for a partner and goes last, as all others did
            nodes.append(level[-1])
            C = C.reshape(tree.ranks[level[-1]], -1).T
    left, right = nodes
    tree.add(C.reshape(tree.ranks[left], tree.ranks[right], 1), (left, right))
    return tree.arrays()


class _Tree:
    """Nodes in the order in which they are found: children before parents."""

    def __init__(self) -> None:
        self.data: list[np.ndarray] = []
        self.child: list[tuple[int, int]] = []
        self.mode: list[int] = []

    @property
    def ranks(self) -> list[int]:
        return [array.shape[-1] for array in self.data]

    def add(self, data: np.ndarray, child: tuple[int, int] = (-1, -1), mode: int = -1) -> int:
        self.data.append(np.ascontiguousarray(data))
        self.child.append(child)
        self.mode.append(mode)
        return len(self.data) - 1

    def arrays(self) -> Arrays:
        nodes = {f"node{t}.data": array for t, array in enumerate(self.data)}
        return nodes | {
            "child": np.array(self.child, np.int32),
            "mode": np.array(self.mode, np.int32),
        }


def _project(C: np.ndarray, n: int, most: float) -> tuple[np.ndarray, np.ndarray]:
    """Project the first mode, of length n; return the core, its mode last now, and U (n, k)."""
    M = C.reshape(n, -1)
    U = _leading(M @ M.T, most)
    return M.T @ U, U


def _project_pair(
    C: np.ndarray, n1: int, n2: int, most: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Project two leaves and their parent; return the core, its mode last now, and their U."""
    M = C.reshape(n1 * n2, -1)
    G = M @ M.T
    parts = G.reshape(n1, n2, n1, n2)
    U1 = _leading(np.einsum("ajbj->ab", parts), most)
    U2 = _leading(np.einsum("jajb->ab", parts), most)
    W = np.kron(U1, U2)
    U = _leading(W.T @ G @ W, most)
    return M.T @ (W @ U), U1, U2, U.reshape(U1.shape[1], U2.shape[1], -1)


def _leading(G: np.ndarray, most: float) -> np.ndarray:
    """Return the eigenvectors of a Gram matrix, but for those whose sum is at most `most`."""
    s, U = np.linalg.eigh(G)
    n_left_out = int(np.searchsorted(np.cumsum(np.maximum(s, 0)), most, side="right"))
    kept: np.ndarray = U[:, min(n_left_out, len(s) - 1) :][:, ::-1]
    return kept
