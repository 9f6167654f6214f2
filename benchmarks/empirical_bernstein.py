"""The empirical Bernstein limit beside Hoeffding's and a bootstrap: time, and width."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import bootstrap

from harness.kernels.empirical_bernstein import empirical_bernstein

DELTA = 0.01


class EmpiricalBernstein:
    """Errors of networks on 500 samples each, of mean 0.3."""

    params = (200, 2000, 200_000)
    param_names = ("samples",)

    def setup(self, m: int) -> None:
        self.Z = np.random.default_rng(0).binomial(500, 0.3, m) / 500

    def time_empirical_bernstein(self, m: int) -> None:
        empirical_bernstein(self.Z, DELTA)

    def time_hoeffding(self, m: int) -> None:
        hoeffding(self.Z)

    def peakmem_empirical_bernstein(self, m: int) -> None:
        empirical_bernstein(self.Z, DELTA)

    def track_width(self, m: int) -> float:
        return float(empirical_bernstein(self.Z, DELTA) - self.Z.mean())

    def track_width_hoeffding(self, m: int) -> float:
        return hoeffding(self.Z) - float(self.Z.mean())

    def track_width_bootstrap(self, m: int) -> float:
        """Width of scipy's interval, which comes without a proof."""
        found = bootstrap(
            (self.Z,), np.mean, confidence_level=1 - DELTA, alternative="less", n_resamples=999,
            method="percentile", batch=10, rng=np.random.default_rng(1),
        )  # fmt: skip
        return float(found.confidence_interval.high - self.Z.mean())


def hoeffding(Z: np.ndarray) -> float:
    """Return the limit that knows no variance."""
    return float(Z.mean()) + math.sqrt(math.log(1 / DELTA) / (2 * len(Z)))
