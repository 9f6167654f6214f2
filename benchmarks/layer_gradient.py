"""The gradient of one layer by hand beside torch.autograd through the same layer."""

from __future__ import annotations

import numpy as np
import torch

from harness.kernels.layer_gradient import layer_gradient, windows
from harness.kernels.layered_forward import layer, output_shape, pool, pooled_size

# Input shape, width, kernel, stride, padding.
LAYERS = {
    "hierarchy": ((64, 1, 4), 64, (1, 2), (1, 2), (0, 0)),
    "digits": ((32, 8, 8), 32, (3, 3), (2, 2), (1, 1)),
}


class LayerGradient:
    """A middle layer of both networks of the layer-wise task."""

    params = (["hierarchy", "digits"], [32, 64, 512])
    param_names = ("network", "batch")

    def setup(self, network: str, batch: int) -> None:
        rng = np.random.default_rng(0)
        shape, c, kernel, stride, padding = LAYERS[network]
        p = pooled_size(output_shape(shape, c, kernel, stride, padding))
        self.H = np.maximum(rng.standard_normal((batch, *shape)), 0).astype(np.float32)
        self.F = np.zeros((batch, 10), np.float32)
        self.Y = np.eye(10, dtype=np.float32)[np.arange(batch) % 10]
        self.parameters = tuple(
            (scale * rng.standard_normal(size)).astype(np.float32)
            for scale, size in [
                (np.prod((shape[0], *kernel)) ** -0.5, (c, shape[0], *kernel)),
                (0.1, (c,)),
                (p**-0.5, (p, 10)),
            ]
        )
        self.P, self.grid = windows(self.H, kernel, stride, padding)
        self.geometry = stride, padding

    def differentiate(self, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
        """Return the gradients by W, b and A as torch finds them."""
        H, F, Y = (torch.from_numpy(x).to(dtype) for x in (self.H, self.F, self.Y))
        W, b, A = (torch.from_numpy(x).to(dtype).requires_grad_() for x in self.parameters)
        error = F + pool(layer(H, W, b, *self.geometry)) @ A - Y
        return torch.autograd.grad(0.5 * error.square().sum() / len(H), (W, b, A))

    def time_layer_gradient(self, network: str, batch: int) -> None:
        layer_gradient(self.P, self.grid, self.F, self.Y, *self.parameters)

    def time_layer_gradient_autograd(self, network: str, batch: int) -> None:
        self.differentiate(torch.float32)

    def peakmem_layer_gradient(self, network: str, batch: int) -> None:
        layer_gradient(self.P, self.grid, self.F, self.Y, *self.parameters)

    def track_relative_error(self, network: str, batch: int) -> float:
        """Largest error of a gradient against autograd in float64, in the Frobenius norm."""
        got = layer_gradient(self.P, self.grid, self.F, self.Y, *self.parameters)[1:]
        return max(
            float((torch.from_numpy(g) - e).norm() / e.norm())
            for g, e in zip(got, self.differentiate(torch.float64), strict=True)
        )
