"""Loss, gradient and Hessian of small networks of three layers beside torch.func's."""

from __future__ import annotations

import numpy as np
import torch

from harness.kernels.deep_net import DeepNet, expand


class DeepNets:
    """One point, and a search's, of 21 weights."""

    params = [1, 64, 300]
    param_names = ("K",)

    def setup(self, K: int) -> None:
        rng = np.random.default_rng(0)
        self.net = DeepNet(rng.standard_normal((16, 3)), rng.standard_normal((16, 1)), (3, 3))
        self.theta = rng.standard_normal((K, self.net.size))

    def expand_torch(self) -> torch.Tensor:
        """Return the Hessians by automatic differentiation, forward over reverse."""
        X, Y = torch.from_numpy(self.net.X), torch.from_numpy(self.net.Y)

        def loss(theta: torch.Tensor) -> torch.Tensor:
            a = torch.nn.functional.softplus(X @ theta[:9].view(3, 3).T)
            a = torch.nn.functional.softplus(a @ theta[9:18].view(3, 3).T)
            return (a @ theta[18:].view(1, 3).T - Y).square().sum() / 2

        found: torch.Tensor = torch.func.vmap(torch.func.hessian(loss))(
            torch.from_numpy(self.theta)
        )
        return found

    def time_expand(self, K: int) -> None:
        expand(self.net, self.theta)

    def time_expand_torch(self, K: int) -> None:
        self.expand_torch()

    def peakmem_expand(self, K: int) -> None:
        expand(self.net, self.theta)

    def track_error(self, K: int) -> float:
        exact = expand(self.net, self.theta.astype(np.longdouble)).hessian
        return float(np.abs(expand(self.net, self.theta).hessian - exact).max())

    def track_error_torch(self, K: int) -> float:
        exact = expand(self.net, self.theta.astype(np.longdouble)).hessian
        return float(np.abs(self.expand_torch().numpy() - exact).max())
