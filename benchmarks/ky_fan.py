"""Norms of Ky Fan of many small matrices, beside a loop and torch's singular values."""

from __future__ import annotations

import numpy as np
import torch

from harness.kernels.ky_fan import ky_fan


class KyFan:
    """Signs against 96 samples of d features and as many outputs."""

    params = ([200, 2000], [8, 32])
    param_names = ("n_draws", "d")

    def setup(self, n_draws: int, d: int) -> None:
        rng = np.random.default_rng(0)
        X = rng.standard_normal((96, d))
        self.signs = rng.choice([-1.0, 1.0], (n_draws, d, 96))
        self.X, self.G = X, self.signs @ X

    def time_ky_fan(self, n_draws: int, d: int) -> None:
        ky_fan(self.G, "spectral")

    def time_loop(self, n_draws: int, d: int) -> None:
        for G in self.G:
            np.linalg.svd(G, compute_uv=False)

    def time_torch(self, n_draws: int, d: int) -> None:
        torch.linalg.svdvals(torch.from_numpy(self.G))

    def time_signs_against_the_sample(self, n_draws: int, d: int) -> None:
        """Multiply only: what no method is spared."""
        self.signs @ self.X

    def peakmem_ky_fan(self, n_draws: int, d: int) -> None:
        ky_fan(self.G, "spectral")

    def track_error(self, n_draws: int, d: int) -> float:
        """Return how far the last norm is from the sum by the trace of a square root."""
        sums = np.sqrt(np.maximum(0, np.linalg.eigvalsh(self.G.transpose(0, 2, 1) @ self.G))).sum(1)
        return float(np.abs(ky_fan(self.G, "spectral")[:, -1] / sums - 1).max())
