"""Hessian-vector products, eigenvalues and the matrix beside torch's automatic differentiation."""

from __future__ import annotations

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor

from harness.kernels.hessian import hessian, hessian_product, hessian_trace, top_eigenvalues
from harness.kernels.mlp import draw_mlp, gradient

# The network of the noise task, the one of the neural collapse task, a small one for matrices.
NETWORKS = {
    "noise": ((64, 16, 16, 1), 256),
    "collapse": ((64, 64, 64, 64, 64, 10), 512),
    "minima": ((3, 5, 1), 16),
}


class Problem:
    """A network of tanh with data, for numpy and for torch."""

    def setup(self, network: str) -> None:
        torch.set_num_threads(1)
        widths, n = NETWORKS[network]
        rng = np.random.default_rng(0)
        self.net = draw_mlp(widths, 1.0, 0, "tanh", dtype=np.float64)
        self.X, self.Y = rng.standard_normal((n, widths[0])), rng.standard_normal((n, widths[-1]))
        self.tensors = torch.from_numpy(self.X), torch.from_numpy(self.Y)
        self.vector = torch.cat([torch.from_numpy(W).flatten() for W in self.net.weights])
        self.v = rng.standard_normal(len(self.vector))

    def loss(self, vector: Tensor) -> Tensor:
        """Return the mean square loss of weights in one vector."""
        sizes = [W.size for W in self.net.weights]
        parts = torch.split(vector, sizes)
        h = self.tensors[0]
        for W, part in zip(self.net.weights[:-1], parts[:-1], strict=True):
            h = torch.tanh(h @ part.view(W.shape))
        output = h @ parts[-1].view(self.net.weights[-1].shape)
        return 0.5 * (output - self.tensors[1]).square().sum() / len(output)

    def torch_product(self, v: np.ndarray) -> np.ndarray:
        """Return the product, reverse over reverse, of a graph that is built anew."""
        leaf = self.vector.clone().requires_grad_()
        (g,) = torch.autograd.grad(self.loss(leaf), leaf, create_graph=True)
        (product,) = torch.autograd.grad(g @ torch.from_numpy(v), leaf)
        return product.numpy()


class HessianProduct(Problem):
    """One product; the kernel's own is of a function that has its forward pass behind it."""

    params = (list(NETWORKS),)
    param_names = ("network",)

    def setup(self, network: str) -> None:
        super().setup(network)
        self.product = hessian_product(self.net, self.X, self.Y)
        self.leaf = self.vector.clone().requires_grad_()
        (self.g,) = torch.autograd.grad(self.loss(self.leaf), self.leaf, create_graph=True)

    def time_gradient(self, network: str) -> None:
        gradient(self.net, self.X, self.Y)

    def time_product(self, network: str) -> None:
        self.product(self.v)

    def time_product_with_its_pass(self, network: str) -> None:
        hessian_product(self.net, self.X, self.Y)(self.v)

    def time_product_torch(self, network: str) -> None:
        """Go back through a graph that is kept, as the kernel keeps its pass."""
        torch.autograd.grad(self.g, self.leaf, torch.from_numpy(self.v), retain_graph=True)

    def time_product_with_its_pass_torch(self, network: str) -> None:
        self.torch_product(self.v)

    def time_product_with_its_pass_torch_func(self, network: str) -> None:
        """Go forward over reverse."""
        v = torch.from_numpy(self.v)
        torch.func.jvp(torch.func.grad(self.loss), (self.vector,), (v,))

    def peakmem_product(self, network: str) -> None:
        self.product(self.v)

    def track_relative_error(self, network: str) -> float:
        exact = self.torch_product(self.v)
        return float(np.linalg.norm(self.product(self.v) - exact) / np.linalg.norm(exact))


class Spectrum(Problem):
    """The five largest eigenvalues and the trace."""

    params = (["noise", "collapse"],)
    param_names = ("network",)

    def eigsh_torch(self) -> np.ndarray:
        """Return the eigenvalues by the same iteration over torch's products."""
        P = len(self.vector)
        operator = LinearOperator((P, P), matvec=self.torch_product, dtype=np.float64)
        start = np.random.default_rng(0).standard_normal(P)
        return eigsh(operator, 5, which="LA", v0=start, tol=1e-10, return_eigenvectors=False)

    def time_top_eigenvalues(self, network: str) -> None:
        top_eigenvalues(self.net, self.X, self.Y, 5)

    def time_top_eigenvalues_torch(self, network: str) -> None:
        self.eigsh_torch()

    def time_trace(self, network: str) -> None:
        hessian_trace(self.net, self.X, self.Y, 30, seed=0)

    def peakmem_top_eigenvalues(self, network: str) -> None:
        top_eigenvalues(self.net, self.X, self.Y, 5)

    def track_top_eigenvalues_relative_error(self, network: str) -> float:
        """Difference to torch's, relative to the largest."""
        w = np.sort(self.eigsh_torch())[::-1]
        return float(np.abs(top_eigenvalues(self.net, self.X, self.Y, 5) - w).max() / w[0])


class Matrix(Problem):
    """The whole matrix."""

    params = (["minima", "noise"],)
    param_names = ("network",)
    timeout = 300

    def time_hessian(self, network: str) -> None:
        hessian(self.net, self.X, self.Y)

    def time_hessian_torch_func(self, network: str) -> None:
        torch.func.hessian(self.loss)(self.vector)

    def peakmem_hessian(self, network: str) -> None:
        hessian(self.net, self.X, self.Y)

    def peakmem_hessian_torch_func(self, network: str) -> None:
        torch.func.hessian(self.loss)(self.vector)

    def track_relative_error(self, network: str) -> float:
        exact = torch.func.hessian(self.loss)(self.vector).numpy()
        return float(
            np.linalg.norm(hessian(self.net, self.X, self.Y) - exact) / np.linalg.norm(exact)
        )
