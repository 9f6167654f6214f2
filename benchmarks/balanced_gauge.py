"""The scale of heads beside scipy's median absolute deviation."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import median_abs_deviation

from harness.kernels.balanced_gauge import gauge, spread


class Heads:
    """Contexts of a small decoder's layer and of GPT-2's."""

    params = ([(64, 4, 64, 16), (16, 12, 128, 64)],)
    param_names = ("contexts, heads, length, d_h",)

    def setup(self, shape: tuple[int, ...]) -> None:
        draw = torch.Generator().manual_seed(0)
        self.q, self.c = torch.randn(2, *shape, generator=draw)

    def time_gauge(self, shape: tuple[int, ...]) -> None:
        gauge(self.q, self.c)

    def time_spread(self, shape: tuple[int, ...]) -> None:
        spread(self.q)

    def time_spread_scipy(self, shape: tuple[int, ...]) -> None:
        median_abs_deviation(self.q.double().numpy(), axis=-2).mean(0)

    def peakmem_gauge(self, shape: tuple[int, ...]) -> None:
        gauge(self.q, self.c)

    def track_largest_error(self, shape: tuple[int, ...]) -> float:
        wanted = median_abs_deviation(self.q.double().numpy(), axis=-2).mean(0)
        return float(np.abs(spread(self.q).numpy() - wanted).max())
