"""The layered forward pass beside a torch.nn.Module of the same network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from harness.kernels.layered_forward import Layer, forward, output_shape, pooled_size

# Input shape, then (width, kernel, stride, padding) of every layer.
NETWORKS = {
    "hierarchy": ((8, 1, 8), [(64, (1, 2), (1, 2), (0, 0))] * 3),
    "digits": (
        (1, 8, 8),
        [
            (32, (3, 3), (1, 1), (1, 1)),
            (32, (3, 3), (2, 2), (1, 1)),
            (32, (3, 3), (2, 2), (1, 1)),
            (32, (2, 2), (1, 1), (0, 0)),
        ],
    ),
}


class Module(nn.Module):
    """What one would write with torch alone."""

    def __init__(self, layers: list[Layer], bias: Tensor) -> None:
        super().__init__()
        self.bias = bias
        self.convolutions, self.readouts = nn.ModuleList(), nn.ModuleList()
        for W, b, A, stride, padding in layers:
            convolution = nn.Conv2d(W.shape[1], W.shape[0], W.shape[2:], stride, padding)
            readout = nn.Linear(*A.shape, bias=False)
            convolution.weight.data, convolution.bias.data = W.detach(), b.detach()
            readout.weight.data = A.detach().T.contiguous()
            self.convolutions.append(convolution)
            self.readouts.append(readout)

    def forward(self, h: Tensor) -> Tensor:
        """Return the last logits."""
        F = self.bias
        for convolution, readout in zip(self.convolutions, self.readouts, strict=True):
            h = convolution(h).relu()
            small = h.shape[-2] == 1 or h.shape[-2] * h.shape[-1] <= 4
            F = F + readout((h if small else nn.functional.adaptive_avg_pool2d(h, 2)).flatten(1))
        return F


class LayeredForward:
    """Both networks of the layer-wise task, one minibatch and one whole data set."""

    params = (["hierarchy", "digits"], [64, 2048])
    param_names = ("network", "n")

    def setup(self, network: str, n: int) -> None:
        torch.manual_seed(0)
        shape, plan = NETWORKS[network]
        self.x = torch.randn(n, *shape)
        self.bias = torch.zeros(10)
        self.layers, self.products = [], []
        for width, kernel, stride, padding in plan:
            fan_in = shape[0] * kernel[0] * kernel[1]
            W = torch.randn(width, shape[0], *kernel) * (2 / fan_in) ** 0.5
            shape = output_shape(shape, width, kernel, stride, padding)
            A = torch.randn(pooled_size(shape), 10) / pooled_size(shape) ** 0.5
            tensors = (t.requires_grad_() for t in (W, torch.zeros(width), A))
            self.layers.append(Layer(*tensors, stride, padding))
            windows = torch.randn(n * shape[1] * shape[2], fan_in)
            self.products.append((windows, W.detach().reshape(width, -1).T.contiguous()))
            self.products.append((torch.randn(n, len(A)), A.detach()))
        self.module = Module(self.layers, self.bias)

    def time_forward(self, network: str, n: int) -> None:
        with torch.no_grad():
            forward(self.x, self.layers, self.bias)

    def time_forward_in_batches(self, network: str, n: int) -> None:
        with torch.no_grad():
            forward(self.x, self.layers, self.bias, batch=256)

    def time_forward_torch_module(self, network: str, n: int) -> None:
        with torch.no_grad():
            self.module(self.x)

    def time_gradient(self, network: str, n: int) -> None:
        parameters = [p for one in self.layers for p in (one.W, one.b, one.A)]
        last = forward(self.x, self.layers, self.bias)[1][-1]
        torch.autograd.grad(last.square().mean(), parameters)

    def time_gradient_torch_module(self, network: str, n: int) -> None:
        torch.autograd.grad(self.module(self.x).square().mean(), list(self.module.parameters()))

    def time_matrix_products_alone(self, network: str, n: int) -> None:
        """Multiply matrices of the same shapes, nothing else: the floor of `time_forward`."""
        for a, b in self.products:
            torch.mm(a, b)

    def peakmem_forward(self, network: str, n: int) -> None:
        self.time_forward(network, n)

    def peakmem_forward_torch_module(self, network: str, n: int) -> None:
        self.time_forward_torch_module(network, n)

    def track_relative_error(self, network: str, n: int) -> float:
        """Error of float32 logits against the same network in float64, in the Frobenius norm."""
        double = [
            Layer(*(t.double() for t in one[:3]), one.stride, one.padding) for one in self.layers
        ]
        with torch.no_grad():
            exact = forward(self.x.double(), double, self.bias.double())[1][-1]
            got = forward(self.x, self.layers, self.bias)[1][-1]
        return float((got - exact).norm() / exact.norm())

    def track_difference_to_torch_module(self, network: str, n: int) -> float:
        """Difference of the logits in the Frobenius norm, relative to the logits."""
        with torch.no_grad():
            expected = self.module(self.x)
            got = forward(self.x, self.layers, self.bias)[1][-1]
        return float((got - expected).norm() / expected.norm())
