"""Loss, gradient and Hessian of small networks beside torch.func's."""

from __future__ import annotations

import numpy as np
import torch

from harness.kernels.two_layer import Net, expand


class TwoLayer:
    """One point, and a search's: 24 or 25 weights."""

    params = (["linear", "tanh"], [1, 64, 300])
    param_names = ("activation", "K")

    def setup(self, activation: str, K: int) -> None:
        rng = np.random.default_rng(0)
        n, d, k, h = (4, 4, 3, 4) if activation == "linear" else (16, 4, 1, 5)
        X, Y = rng.standard_normal((n, d)), rng.standard_normal((n, k))
        self.net = Net(X, Y, h, activation)  # type: ignore[arg-type]
        self.theta = rng.standard_normal((K, self.net.size))

    def expand_torch(self) -> torch.Tensor:
        """Return the Hessians by automatic differentiation, forward over reverse."""
        X, Y = torch.from_numpy(self.net.X), torch.from_numpy(self.net.Y)
        h, m = self.net.hidden, self.net.hidden * X.shape[1]

        def loss(theta: torch.Tensor) -> torch.Tensor:
            z = X @ theta[:m].view(h, -1).T
            a = torch.tanh(z) if self.net.activation == "tanh" else z
            return (a @ theta[m:].view(-1, h).T - Y).square().sum() / 2

        found: torch.Tensor = torch.func.vmap(torch.func.hessian(loss))(
            torch.from_numpy(self.theta)
        )
        return found

    def time_expand(self, activation: str, K: int) -> None:
        expand(self.net, self.theta)

    def time_expand_torch(self, activation: str, K: int) -> None:
        self.expand_torch()

    def peakmem_expand(self, activation: str, K: int) -> None:
        expand(self.net, self.theta)

    def track_error(self, activation: str, K: int) -> float:
        exact = expand(self.net, self.theta.astype(np.longdouble)).hessian
        return float(np.abs(expand(self.net, self.theta).hessian - exact).max())

    def track_error_torch(self, activation: str, K: int) -> float:
        exact = expand(self.net, self.theta.astype(np.longdouble)).hessian
        return float(np.abs(self.expand_torch().numpy() - exact).max())
