"""Stable and numerical rank beside torch's norms and singular values."""

from __future__ import annotations

import numpy as np
import torch

from harness.kernels.stable_rank import numerical_rank, stable_rank


class StableRank:
    """Square, wide, and a convolution kernel of 128 channels in and out."""

    params = ([(64, 64), (512, 512), (128, 128, 3, 3)],)
    param_names = ("shape",)

    def setup(self, shape: tuple[int, ...]) -> None:
        self.W = torch.randn(shape, generator=torch.Generator().manual_seed(0))

    def time_stable_rank(self, shape: tuple[int, ...]) -> None:
        stable_rank(self.W)

    def time_stable_rank_matrix_norm(self, shape: tuple[int, ...]) -> None:
        M = self.W.double().flatten(1)
        float(M.square().sum() / torch.linalg.matrix_norm(M, 2) ** 2)

    def time_stable_rank_svdvals(self, shape: tuple[int, ...]) -> None:
        s = torch.linalg.svdvals(self.W.double().flatten(1))
        float(s.square().sum() / s[0] ** 2)

    def time_numerical_rank(self, shape: tuple[int, ...]) -> None:
        numerical_rank(self.W)

    def time_numerical_rank_matrix_rank(self, shape: tuple[int, ...]) -> None:
        int(torch.linalg.matrix_rank(self.W.double().flatten(1), rtol=0.05))

    def peakmem_stable_rank(self, shape: tuple[int, ...]) -> None:
        stable_rank(self.W)

    def track_relative_error(self, shape: tuple[int, ...]) -> float:
        s = np.linalg.svd(self.W.double().flatten(1).numpy(), compute_uv=False)
        return float(abs(stable_rank(self.W) / (s**2).sum() * s[0] ** 2 - 1))
