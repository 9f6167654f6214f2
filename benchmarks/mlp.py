"""Loss and gradient of a network by hand beside torch.autograd through the same network."""

from __future__ import annotations

import numpy as np
import torch

from harness.kernels.mlp import MLP, backward, draw_mlp, forward, gradient, output_gradient

WIDTHS = [64, 64, 64, 64, 64, 10]


def torch_gradient(
    X: torch.Tensor, Y: torch.Tensor, weights: list[torch.Tensor]
) -> tuple[torch.Tensor, ...]:
    """Return what one would write with torch alone: the gradient of the square loss."""
    h = X
    for W in weights[:-1]:
        h = torch.relu(h @ W)
    loss = 0.5 * (h @ weights[-1] - Y).square().sum() / len(X)
    return torch.autograd.grad(loss, weights)


class Gradient:
    """Four hidden layers of 64 ReLUs, as the theme's networks have."""

    params = ([16, 64, 512], ["float32", "float64"])
    param_names = ("batch", "dtype")

    def setup(self, batch: int, dtype: str) -> None:
        torch.set_num_threads(1)
        rng = np.random.default_rng(0)
        self.net = draw_mlp(WIDTHS, 2**0.5, 0, dtype=np.dtype(dtype).type)
        self.X = rng.standard_normal((batch, WIDTHS[0])).astype(dtype)
        self.Y = rng.standard_normal((batch, WIDTHS[-1])).astype(dtype)
        self.tensors = torch.from_numpy(self.X), torch.from_numpy(self.Y)
        self.weights = [torch.tensor(W, requires_grad=True) for W in self.net.weights]
        self.deltas = [np.ones((batch, m), dtype) for m in WIDTHS[1:]]

    def time_gradient(self, batch: int, dtype: str) -> None:
        gradient(self.net, self.X, self.Y)

    def time_gradient_torch_autograd(self, batch: int, dtype: str) -> None:
        torch_gradient(*self.tensors, self.weights)

    def time_forward(self, batch: int, dtype: str) -> None:
        forward(self.net, self.X)

    def time_backward_and_forward(self, batch: int, dtype: str) -> None:
        passed = forward(self.net, self.X)
        backward(self.net, passed, output_gradient(passed.output, self.Y, "square"))

    def time_matrix_products_alone(self, batch: int, dtype: str) -> None:
        """Multiply matrices of the same shapes, nothing else: the floor of `time_gradient`."""
        for k, (W, delta) in enumerate(zip(self.net.weights, self.deltas, strict=True)):
            below = self.X if k == 0 else self.deltas[k - 1]
            below @ W
            below.T @ delta
            if k:
                delta @ W.T

    def peakmem_gradient(self, batch: int, dtype: str) -> None:
        gradient(self.net, self.X, self.Y)

    def peakmem_gradient_torch_autograd(self, batch: int, dtype: str) -> None:
        torch_gradient(*self.tensors, self.weights)

    def track_relative_error(self, batch: int, dtype: str) -> float:
        """Error against torch.autograd in float64, in the Frobenius norm, worst of the layers."""
        weights = [W.detach().double().requires_grad_() for W in self.weights]
        exact = torch_gradient(*(t.double() for t in self.tensors), weights)
        ours = gradient(self.net, self.X, self.Y).weights
        return max(
            float(np.linalg.norm(g - e.numpy()) / e.norm())
            for g, e in zip(ours, exact, strict=True)
        )


class Activations:
    """What an activation costs beside the rest, forth and back, at batch 64."""

    params = (["linear", "relu", "leaky_relu", "tanh", "softplus"],)
    param_names = ("activation",)

    def setup(self, activation: str) -> None:
        rng = np.random.default_rng(0)
        drawn = draw_mlp(WIDTHS, 1.0, 0)
        self.net = MLP(drawn.weights, activation, beta=4.0)  # type: ignore[arg-type]
        self.X = rng.standard_normal((64, WIDTHS[0])).astype(np.float32)
        self.Y = rng.standard_normal((64, WIDTHS[-1])).astype(np.float32)

    def time_gradient(self, activation: str) -> None:
        gradient(self.net, self.X, self.Y)
