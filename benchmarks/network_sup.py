"""The ascent of many networks at once, beside Adam on the same networks, and what it finds."""

from __future__ import annotations

import numpy as np
import torch

from harness.kernels.network_sup import Capped, network_sup

WIDTH = 8


class NetworkSup:
    """Signs for 96 samples, one hidden layer of 8 ReLUs, rank 2 or any, spectral cap."""

    params = ([100, 1000], [2, WIDTH])
    param_names = ("n_draws", "rank")

    def setup(self, n_draws: int, rank: int) -> None:
        rng = np.random.default_rng(0)
        self.X = rng.standard_normal((96, 12))
        self.signs = rng.choice([-1.0, 1.0], (n_draws, 96))
        self.layers = [Capped(WIDTH, "spectral", True)]
        if rank < WIDTH:
            self.layers = [Capped(rank, "spectral", False), *self.layers]

    def time_network_sup(self, n_draws: int, rank: int) -> None:
        network_sup(self.X, self.signs, self.layers)

    def time_adam(self, n_draws: int, rank: int) -> None:
        self.adam()

    def time_singular_values(self, n_draws: int, rank: int) -> None:
        """Take one decomposition a network: what one exact projection costs."""
        torch.linalg.svdvals(torch.ones(n_draws, WIDTH, 12))

    def peakmem_network_sup(self, n_draws: int, rank: int) -> None:
        network_sup(self.X, self.signs, self.layers)

    def adam(self, n_steps: int = 20) -> np.ndarray:
        """Return what as many steps of Adam find, weights divided by their norms."""
        torch.manual_seed(0)
        x, sigma = (torch.tensor(a, dtype=torch.float32) for a in (self.X, self.signs))
        widths = [12, *(layer.width for layer in self.layers)]
        weights = [
            torch.randn(len(sigma), m, before, requires_grad=True)
            for before, m in zip(widths, widths[1:], strict=False)
        ]
        steps, best = torch.optim.Adam(weights, 0.1), torch.zeros(len(sigma))
        for _ in range(n_steps):
            z = x
            for W, layer in zip(weights, self.layers, strict=True):
                norm = torch.linalg.matrix_norm(W, 2)[:, None, None]
                z = z @ (W / norm).transpose(1, 2)
                z = z.relu() if layer.relu else z
            value = (sigma[:, None, :] @ z)[:, 0].norm(dim=1)
            best = torch.maximum(best, value.detach())
            steps.zero_grad()
            (-value.sum()).backward()
            steps.step()
        return best.numpy()

    def track_found(self, n_draws: int, rank: int) -> float:
        """Return the mean value over ||X||_F."""
        found = network_sup(self.X, self.signs, self.layers)
        return float(found.mean() / np.linalg.norm(self.X))

    def track_found_by_adam(self, n_draws: int, rank: int) -> float:
        return float(self.adam().mean() / np.linalg.norm(self.X))

    def track_found_by_many_steps(self, n_draws: int, rank: int) -> float:
        """Return the same of 100 steps from 4 starts."""
        found = network_sup(self.X, self.signs, self.layers, 100, 4)
        return float(found.mean() / np.linalg.norm(self.X))
