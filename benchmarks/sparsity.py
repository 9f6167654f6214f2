"""Sparsity of attention rows beside numpy's and scipy's."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import entropy as scipy_entropy

from harness.kernels.sparsity import entropy, gini, holding, hoyer


class Rows:
    """A layer's maps of 12 heads."""

    params = ([128, 512],)
    param_names = ("length",)

    def setup(self, length: int) -> None:
        scores = torch.randn(12, length, length, generator=torch.Generator().manual_seed(0))
        self.A = (3 * scores).softmax(-1)
        self.rows = self.A.double().numpy()

    def time_gini(self, length: int) -> None:
        gini(self.A)

    def time_gini_numpy(self, length: int) -> None:
        a = np.sort(self.rows, -1)
        weight = length - np.arange(length) - 0.5
        1 - 2 / length * (a @ weight) / a.sum(-1)

    def time_sort_alone(self, length: int) -> None:
        """Sort, which the Gini index cannot do without."""
        self.A.double().sort(-1)

    def time_hoyer(self, length: int) -> None:
        hoyer(self.A)

    def time_entropy(self, length: int) -> None:
        entropy(self.A)

    def time_entropy_scipy(self, length: int) -> None:
        scipy_entropy(self.rows, axis=-1) / np.log(length)

    def time_holding(self, length: int) -> None:
        holding(self.A)

    def peakmem_gini(self, length: int) -> None:
        gini(self.A)

    def track_error_entropy(self, length: int) -> float:
        wanted = scipy_entropy(self.rows, axis=-1) / np.log(length)
        return float(np.abs(entropy(self.A).numpy() - wanted).max())
