"""The information in signs beside scipy's tables and entropies: time, and the difference."""

from __future__ import annotations

import numpy as np
from scipy.stats import entropy
from scipy.stats.contingency import crosstab

from harness.kernels.matched import conditions
from harness.kernels.sign_information import sign_information


class SignInformation:
    """Networks of five factors of two or three levels."""

    params = [72, 288]
    param_names = ("n",)

    def setup(self, n: int) -> None:
        rng = np.random.default_rng(0)
        self.g = rng.standard_normal(n)
        self.mu = self.g + rng.standard_normal(n)
        self.H = rng.integers([2, 3, 2, 2, 3], size=(n, 5))

    def tables(self) -> float:
        """Return the same from a table of scipy's a condition."""
        pairs = ~np.eye(len(self.g), dtype=bool)
        signs = [np.sign(v[:, None] - v[None, :])[pairs] for v in (self.mu, self.g)]
        ratios = []
        for A in conditions(self.H.shape[1]):
            cell = np.zeros(len(self.g), np.int64)
            for k in A:
                cell = 3 * cell + self.H[:, k]
            both = (100 * cell[:, None] + cell[None, :])[pairs]
            (_, _, _), counts = crosstab(both, *signs)
            n_cell = counts.sum((1, 2))
            a, b, joint = (
                (n_cell * entropy(part.reshape(len(counts), -1), axis=1)).sum()
                for part in (counts.sum(2), counts.sum(1), counts)
            )
            ratios.append((a + b - joint) / b)
        return float(100 * min(ratios))

    def time_sign_information(self, n: int) -> None:
        sign_information(self.mu, self.g, self.H)

    def time_scipy(self, n: int) -> None:
        self.tables()

    def peakmem_sign_information(self, n: int) -> None:
        sign_information(self.mu, self.g, self.H)

    def track_error(self, n: int) -> float:
        return abs(sign_information(self.mu, self.g, self.H) - self.tables())
