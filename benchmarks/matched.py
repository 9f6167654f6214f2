"""Matched concordance beside Kendall's tau, which holds nothing fixed: time, and the difference."""

from __future__ import annotations

import numpy as np
from scipy.stats import kendalltau

from harness.kernels.matched import concordances, matched


class Matched:
    """Networks of five factors of two or three levels."""

    params = [72, 288, 1152]
    param_names = ("n",)

    def setup(self, n: int) -> None:
        rng = np.random.default_rng(0)
        self.g = rng.standard_normal(n)
        self.mu = self.g + rng.standard_normal(n)
        self.H = rng.integers([2, 3, 2, 2, 3], size=(n, 5))
        self.weights = rng.multinomial(n, np.full(n, 1 / n), size=100)

    def time_matched(self, n: int) -> None:
        matched(self.mu, self.g, self.H)

    def time_kendalltau(self, n: int) -> None:
        kendalltau(self.mu, self.g)

    def time_bootstrap_of_100(self, n: int) -> None:
        matched(self.mu, self.g, self.H, self.weights)

    def peakmem_matched(self, n: int) -> None:
        matched(self.mu, self.g, self.H)

    def track_error(self, n: int) -> float:
        tau = concordances(self.mu, self.g, self.H)[0]
        return float(abs(tau - kendalltau(self.mu, self.g).statistic))
