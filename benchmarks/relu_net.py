"""Values of a network as data beside scipy's product without chunks and torch's sparse product."""

from __future__ import annotations

import numpy as np
import torch
from scipy import sparse

from harness.kernels.relu_net import Network, arrays, read, values

N = 10_000
N_INPUTS = 8


def draw(n_weights: int) -> Network:
    """Draw a network of ten layers whose neurons read ten earlier ones each."""
    rng = np.random.default_rng(0)
    layers, n = [], N_INPUTS
    width = n_weights // 100
    for _ in range(10):
        columns = rng.integers(max(0, n - 4 * width), n, (width, 10))
        rows = np.repeat(np.arange(width), 10)
        data = rng.standard_normal(10 * width) / 10**0.5
        layers.append(
            (sparse.csr_array((data, (rows, columns.ravel())), (width, n)), np.zeros(width))
        )
        n += width
    return read(arrays(layers, rng.standard_normal(n) / n**0.5), N_INPUTS)


def whole(net: Network, x: np.ndarray) -> np.ndarray:
    """Return the values from one scipy product a layer over all points."""
    h = np.empty((net.n_inputs + net.neurons, len(x)))
    n = net.n_inputs
    h[:n] = x.T
    for w, b in net.layers:
        h[n : n + len(b)] = np.maximum(w.astype(np.float64) @ h[:n] + b[:, None], 0)
        n += len(b)
    found: np.ndarray = (net.out[0].astype(np.float64) @ h)[0] + net.out[1]
    return found


def by_torch(net: Network, x: np.ndarray) -> np.ndarray:
    """Return the values from torch's sparse rows times dense columns."""
    h = torch.from_numpy(x.T.copy())
    for w, b in (*net.layers, net.out):
        rows = torch.sparse_csr_tensor(
            torch.from_numpy(w.indptr.astype(np.int64)),
            torch.from_numpy(w.indices.astype(np.int64)),
            torch.from_numpy(w.data.astype(np.float64)),
            size=w.shape,
            check_invariants=False,
        )
        z = rows @ h + torch.from_numpy(b.astype(np.float64))[:, None]
        h = torch.cat([h, torch.relu(z)]) if b is not net.out[1] else z
    found: np.ndarray = h[0].numpy()
    return found


class ReluNet:
    """Ten thousand points through a network that a student might build, and a large one."""

    params = ([6_000, 60_000],)
    param_names = ("n_weights",)

    def setup(self, n_weights: int) -> None:
        torch.set_num_threads(1)
        self.net = draw(n_weights)
        self.x = np.random.default_rng(1).uniform(-1, 1, (N, N_INPUTS))

    def time_values(self, n_weights: int) -> None:
        values(self.net, self.x)

    def time_values_float32(self, n_weights: int) -> None:
        values(self.net, self.x, np.float32)

    def time_values_scipy_whole(self, n_weights: int) -> None:
        whole(self.net, self.x)

    def time_values_torch_sparse(self, n_weights: int) -> None:
        by_torch(self.net, self.x)

    def peakmem_values(self, n_weights: int) -> None:
        values(self.net, self.x)

    def peakmem_values_scipy_whole(self, n_weights: int) -> None:
        whole(self.net, self.x)

    def track_relative_error_of_float32(self, n_weights: int) -> float:
        """Largest difference of the two precisions, over the largest value."""
        wide = values(self.net, self.x)
        return float(np.abs(values(self.net, self.x, np.float32) - wide).max() / np.abs(wide).max())
