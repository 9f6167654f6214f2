"""Spectra of heads from their factors beside those of the matrices, formed."""

from __future__ import annotations

import torch

from harness.kernels.bilinear_form import antisymmetric, negative, singular_values


class Heads:
    """The heads of a small decoder's layer and of a sentence encoder's."""

    params = ([(4, 16, 64), (12, 32, 384)],)
    param_names = ("heads, d_h, d",)

    def setup(self, shape: tuple[int, ...]) -> None:
        draw = torch.Generator().manual_seed(0)
        self.Q, self.K = torch.randn(2, *shape, generator=draw, dtype=torch.float64)

    def time_singular_values(self, shape: tuple[int, ...]) -> None:
        singular_values(self.Q, self.K)

    def time_singular_values_formed(self, shape: tuple[int, ...]) -> None:
        torch.linalg.svdvals(self.Q.mT @ self.K)

    def time_antisymmetric(self, shape: tuple[int, ...]) -> None:
        antisymmetric(self.Q, self.K)

    def time_negative(self, shape: tuple[int, ...]) -> None:
        negative(self.Q, self.K)

    def time_negative_formed(self, shape: tuple[int, ...]) -> None:
        M = self.Q.mT @ self.K
        torch.linalg.eigvalsh((M + M.mT) / 2)

    def peakmem_singular_values(self, shape: tuple[int, ...]) -> None:
        singular_values(self.Q, self.K)

    def track_relative_error(self, shape: tuple[int, ...]) -> float:
        wanted = torch.linalg.svdvals(self.Q.mT @ self.K)[..., : shape[1]]
        return float(((singular_values(self.Q, self.K) - wanted).abs() / wanted).max())
