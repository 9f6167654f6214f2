"""The hierarchical SVD of a dense tensor beside the textbook's, by moveaxis and tensordot."""

from __future__ import annotations

import numpy as np

from harness.kernels.hierarchical_svd import Arrays, hierarchical_svd
from harness.kernels.tree_tensor import entries, read

EPS = 1e-3
N_ENTRIES = 100_000


def tensor(n: int, d: int) -> np.ndarray:
    """Return 1 / (1 + |x|) on a grid of points x, whose singular values fall fast."""
    square = np.linspace(0, 1, n) ** 2
    total = np.zeros(())
    for _ in range(d):
        total = total[..., None] + square
    result: np.ndarray = 1 / (1 + np.sqrt(total))
    return result


def textbook(A: np.ndarray, eps: float) -> Arrays:
    """Return the same tree: a matricization, its Gram matrix and a projection for every node."""
    most = eps**2 * float(np.sum(A * A)) / (2 * A.ndim - 2)
    arrays: Arrays = {}
    child: list[tuple[int, int]] = []
    mode: list[int] = []

    def add(data: np.ndarray, below: tuple[int, int], k: int) -> int:
        child.append(below)
        mode.append(k)
        arrays[f"node{len(mode) - 1}.data"] = data
        return len(mode) - 1

    def project(C: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
        M = np.moveaxis(C, axis, 0).reshape(C.shape[axis], -1)
        s, U = np.linalg.eigh(M @ M.T)
        cut = int(np.searchsorted(np.cumsum(np.maximum(s, 0)), most, side="right"))
        U = U[:, min(cut, len(s) - 1) :][:, ::-1]
        return np.moveaxis(np.tensordot(U, C, (0, axis)), 0, axis), U

    C, nodes = A, []
    for axis in range(A.ndim):
        C, U = project(C, axis)
        nodes.append(add(U, (-1, -1), axis))
    while len(nodes) > 2:
        above: list[int] = []
        for left, right in zip(nodes[::2], nodes[1::2], strict=True):
            axis = len(above)
            below = C.shape[axis : axis + 2]
            C = C.reshape(*C.shape[:axis], below[0] * below[1], *C.shape[axis + 2 :])
            C, U = project(C, axis)
            above.append(add(U.reshape(*below, -1), (left, right), -1))
        nodes = above
    add(C[..., None], (nodes[0], nodes[1]), -1)
    return arrays | {"child": np.array(child), "mode": np.array(mode)}


class HierarchicalSVD:
    """Tensors of 1.7 million, 17 million and 66 thousand entries, d a power of 2."""

    params = ([(6, 8), (8, 8), (2, 16)],)
    param_names = ("n_and_d",)

    def setup(self, size: tuple[int, int]) -> None:
        self.A = tensor(*size)

    def time_hierarchical_svd(self, size: tuple[int, int]) -> None:
        hierarchical_svd(self.A, EPS)

    def time_hierarchical_svd_textbook(self, size: tuple[int, int]) -> None:
        textbook(self.A, EPS)

    def peakmem_hierarchical_svd(self, size: tuple[int, int]) -> None:
        hierarchical_svd(self.A, EPS)

    def peakmem_hierarchical_svd_textbook(self, size: tuple[int, int]) -> None:
        textbook(self.A, EPS)

    def relative_error(self, arrays: Arrays) -> float:
        """Return the root mean square error over that of the tensor, at random entries."""
        rng = np.random.default_rng(0)
        index = rng.integers(0, self.A.shape, (N_ENTRIES, self.A.ndim))
        wanted = self.A[tuple(index.T)]
        wrong = entries(read(arrays, self.A.shape), index) - wanted
        return float(np.sqrt(np.sum(wrong**2) / np.sum(wanted**2)))

    def track_relative_error(self, size: tuple[int, int]) -> float:
        return self.relative_error(hierarchical_svd(self.A, EPS))

    def track_relative_error_textbook(self, size: tuple[int, int]) -> float:
        return self.relative_error(textbook(self.A, EPS))

    def track_stored_entries(self, size: tuple[int, int]) -> float:
        return read(hierarchical_svd(self.A, EPS), self.A.shape).size

    def track_stored_entries_textbook(self, size: tuple[int, int]) -> float:
        return read(textbook(self.A, EPS), self.A.shape).size
