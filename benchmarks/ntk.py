"""The tangent kernel in its factors beside torch.func's Jacobians."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from harness.kernels.mlp import draw_mlp
from harness.kernels.ntk import jacobian, ntk


def output_of_one(weights: list[Tensor], x: Tensor) -> Tensor:
    """Return the outputs for one sample."""
    h = x
    for W in weights[:-1]:
        h = torch.relu(h @ W)
    return h @ weights[-1]


jacobians = torch.func.vmap(torch.func.jacrev(output_of_one), in_dims=(None, 0))


def ntk_torch_func(weights: list[Tensor], X: Tensor) -> Tensor:
    """Return the kernel as torch's tutorial on tangent kernels has it."""
    parts = [J.flatten(2) for J in jacobians(weights, X)]
    return sum(torch.einsum("icp,jdp->cidj", J, J) for J in parts)  # type: ignore[return-value]


class Ntk:
    """Four hidden layers of 64 and ten outputs, or one."""

    params = ([1, 10], [64, 128, 256])
    param_names = ("n_outputs", "n")
    timeout = 300

    def setup(self, n_outputs: int, n: int) -> None:
        torch.set_num_threads(1)
        rng = np.random.default_rng(0)
        self.net = draw_mlp([64, 64, 64, 64, 64, n_outputs], 2**0.5, 0, dtype=np.float64)
        self.X = rng.standard_normal((n, 64))
        self.weights = [torch.from_numpy(W) for W in self.net.weights]
        self.tensor = torch.from_numpy(self.X)
        self.deltas = rng.standard_normal((n_outputs * n, 64))

    def time_ntk(self, n_outputs: int, n: int) -> None:
        ntk(self.net, self.X)

    def time_ntk_torch_func(self, n_outputs: int, n: int) -> None:
        ntk_torch_func(self.weights, self.tensor)

    def time_ntk_of_our_jacobian(self, n_outputs: int, n: int) -> None:
        J = jacobian(self.net, self.X).reshape(n_outputs * n, -1)
        J @ J.T

    def time_matrix_products_alone(self, n_outputs: int, n: int) -> None:
        """Multiply matrices of the same shapes, nothing else: the floor of `time_ntk`."""
        for _ in range(4):
            self.deltas @ self.deltas.T
            self.X @ self.X.T

    def time_jacobian(self, n_outputs: int, n: int) -> None:
        jacobian(self.net, self.X)

    def time_jacobian_torch_func(self, n_outputs: int, n: int) -> None:
        torch.cat([J.flatten(2) for J in jacobians(self.weights, self.tensor)], 2)

    def peakmem_ntk(self, n_outputs: int, n: int) -> None:
        ntk(self.net, self.X)

    def peakmem_ntk_torch_func(self, n_outputs: int, n: int) -> None:
        ntk_torch_func(self.weights, self.tensor)

    def track_relative_error(self, n_outputs: int, n: int) -> float:
        exact = ntk_torch_func(self.weights, self.tensor).numpy()
        return float(np.linalg.norm(ntk(self.net, self.X) - exact) / np.linalg.norm(exact))
