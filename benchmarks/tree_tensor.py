"""Entries of a tree tensor beside torch's einsum node by node, and without tables."""

from __future__ import annotations

import numpy as np
import torch

from harness.kernels import tree_tensor
from harness.kernels.tree_tensor import Tree, entries, read

N = 20_000


def draw(n: int, d: int, r: int) -> Tree:
    """Draw a balanced tree of equal ranks, d a power of 2."""
    rng = np.random.default_rng(0)
    child, mode = [[-1, -1]] * d, [*range(d), *[-1] * (d - 1)]
    arrays = {f"node{t}.data": rng.standard_normal((n, min(n, r))) for t in range(d)}
    for t in range(d, 2 * d - 1):
        below = [2 * (t - d), 2 * (t - d) + 1]
        ranks = [arrays[f"node{k}.data"].shape[-1] for k in below]
        rank = 1 if t == 2 * d - 2 else r
        arrays[f"node{t}.data"] = rng.standard_normal((*ranks, rank)) / np.prod(ranks) ** 0.5
        child = [*child, below]
    return read(arrays | {"child": np.array(child), "mode": np.array(mode)}, (n,) * d)


def by_einsum(tree: Tree, index: np.ndarray) -> np.ndarray:
    """Return the entries from one einsum a node over all of them."""
    at = torch.from_numpy(index.astype(np.int64))
    values: list[torch.Tensor] = []
    for (left, right), mode, array in zip(tree.child, tree.mode, tree.data, strict=True):
        assert array is not None
        data = torch.from_numpy(array)
        if mode >= 0:
            values.append(data[at[:, mode]])
        else:
            values.append(torch.einsum("na,nb,abc->nc", values[left], values[right], data))
    found: np.ndarray = values[-1][:, 0].numpy()
    return found


def in_extended_precision(tree: Tree, index: np.ndarray) -> np.ndarray:
    """Return the entries in longdouble, which numpy sums by itself."""
    values: list[np.ndarray] = []
    for (left, right), mode, data in zip(tree.child, tree.mode, tree.data, strict=True):
        assert data is not None
        wide = data.astype(np.longdouble)
        if mode >= 0:
            values.append(wide[index[:, mode]])
        else:
            w = np.tensordot(values[left], wide, 1)
            values.append((w * values[right][..., None]).sum(axis=1))
    return values[-1][:, 0]


class TreeTensor:
    """A tree over 4^16 of moderate ranks, one of large ranks, and one over 2^32."""

    params = ([(4, 16, 8), (4, 16, 32), (2, 32, 8)],)
    param_names = ("n_d_and_rank",)

    def setup(self, size: tuple[int, int, int]) -> None:
        n, d, r = size
        self.tree = draw(n, d, r)
        self.index = np.random.default_rng(1).integers(0, n, (N, d), dtype=np.uint8)

    def time_entries(self, size: tuple[int, int, int]) -> None:
        entries(self.tree, self.index)

    def time_entries_einsum(self, size: tuple[int, int, int]) -> None:
        by_einsum(self.tree, self.index)

    def time_entries_without_tables(self, size: tuple[int, int, int]) -> None:
        table, tree_tensor.TABLE = tree_tensor.TABLE, 0
        try:
            entries(self.tree, self.index)
        finally:
            tree_tensor.TABLE = table

    def peakmem_entries(self, size: tuple[int, int, int]) -> None:
        entries(self.tree, self.index)

    def peakmem_entries_einsum(self, size: tuple[int, int, int]) -> None:
        by_einsum(self.tree, self.index)

    def track_relative_error(self, size: tuple[int, int, int]) -> float:
        """Largest difference from extended precision, over the largest entry."""
        some = self.index[:200]
        wanted = in_extended_precision(self.tree, some)
        return float(np.abs(entries(self.tree, some) - wanted).max() / np.abs(wanted).max())
