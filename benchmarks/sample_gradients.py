"""Gradients of single samples beside torch.func."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from harness.kernels.mlp import draw_mlp, gradient
from harness.kernels.sample_gradients import (
    gradient_covariance,
    sample_gradient_norms,
    sample_gradients,
)


def loss_of_one(weights: list[Tensor], x: Tensor, y: Tensor) -> Tensor:
    """Return the square loss of one sample."""
    h = x
    for W in weights[:-1]:
        h = torch.relu(h @ W)
    return 0.5 * (h @ weights[-1] - y).square().sum()


per_sample = torch.func.vmap(torch.func.grad(loss_of_one), in_dims=(None, 0, 0))


class SampleGradients:
    """The network whose noise is a task, and four hidden layers of 64."""

    params = ([(64, 16, 16, 1), (64, 64, 64, 64, 64, 10)], [16, 256])
    param_names = ("widths", "n")

    def setup(self, widths: tuple[int, ...], n: int) -> None:
        torch.set_num_threads(1)
        rng = np.random.default_rng(0)
        self.net = draw_mlp(widths, 2**0.5, 0)
        self.X = rng.standard_normal((n, widths[0])).astype(np.float32)
        self.Y = rng.standard_normal((n, widths[-1])).astype(np.float32)
        self.weights = [torch.from_numpy(W) for W in self.net.weights]
        self.tensors = torch.from_numpy(self.X), torch.from_numpy(self.Y)
        self.out = np.empty((n, sum(W.size for W in self.net.weights)), np.float32)

    def time_gradient_of_the_mean(self, widths: tuple[int, ...], n: int) -> None:
        """Take one gradient over the batch: what the norms should hardly cost more than."""
        gradient(self.net, self.X, self.Y)

    def time_norms(self, widths: tuple[int, ...], n: int) -> None:
        sample_gradient_norms(self.net, self.X, self.Y)

    def time_norms_torch_func(self, widths: tuple[int, ...], n: int) -> None:
        gradients = per_sample(self.weights, *self.tensors)
        sum(G.square().sum((1, 2)) for G in gradients).sqrt()

    def time_gradients(self, widths: tuple[int, ...], n: int) -> None:
        sample_gradients(self.net, self.X, self.Y)

    def time_gradients_torch_func(self, widths: tuple[int, ...], n: int) -> None:
        torch.cat([G.flatten(1) for G in per_sample(self.weights, *self.tensors)], 1)

    def time_gradients_memory_alone(self, widths: tuple[int, ...], n: int) -> None:
        """Write an array of the size of the gradients: the floor of `time_gradients`."""
        np.empty_like(self.out).fill(1)

    def peakmem_gradients(self, widths: tuple[int, ...], n: int) -> None:
        sample_gradients(self.net, self.X, self.Y)

    def peakmem_gradients_torch_func(self, widths: tuple[int, ...], n: int) -> None:
        self.time_gradients_torch_func(widths, n)

    def track_relative_error(self, widths: tuple[int, ...], n: int) -> float:
        """Error of the norms against torch.func in float64, relative to all norms."""
        weights = [W.double() for W in self.weights]
        gradients = per_sample(weights, *(t.double() for t in self.tensors))
        exact = sum(G.square().sum((1, 2)) for G in gradients).sqrt().numpy()
        error = sample_gradient_norms(self.net, self.X, self.Y) - exact
        return float(np.linalg.norm(error) / np.linalg.norm(exact))


class GradientCovariance:
    """The noise of the network of the noise task, of 1,296 weights."""

    params = ([256, 1024],)
    param_names = ("n",)

    def setup(self, n: int) -> None:
        rng = np.random.default_rng(0)
        self.net = draw_mlp((64, 16, 16, 1), 1.0, 0, "tanh", dtype=np.float64)
        self.X, self.Y = rng.standard_normal((n, 64)), rng.standard_normal((n, 1))
        self.G = sample_gradients(self.net, self.X, self.Y)

    def time_covariance(self, n: int) -> None:
        gradient_covariance(self.net, self.X, self.Y)

    def time_covariance_numpy_cov(self, n: int) -> None:
        """Take gradients that are already there."""
        np.cov(self.G.T, bias=True)

    def time_matrix_product_alone(self, n: int) -> None:
        self.G.T @ self.G

    def peakmem_covariance(self, n: int) -> None:
        gradient_covariance(self.net, self.X, self.Y)

    def track_relative_error(self, n: int) -> float:
        exact = np.cov(self.G.T.astype(np.longdouble), bias=True)
        C = gradient_covariance(self.net, self.X, self.Y)
        return float(np.linalg.norm((C - exact).astype(float)) / np.linalg.norm(C))
