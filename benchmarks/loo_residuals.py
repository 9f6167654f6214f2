"""Leave-one-out residuals beside numpy's and LAPACK's inverse, and beside n refits."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri

from harness.kernels.loo_residuals import loo_residuals
from tasks._data.features import gram
from tasks._data.motif import motifs


class LooResiduals:
    """A Gaussian kernel on signals of two classes."""

    params = ([200, 600, 2000],)
    param_names = ("n",)

    def setup(self, n: int) -> None:
        rng = np.random.default_rng(0)
        x, label = motifs(rng, 2, 1).draw(rng, n)
        self.y = 2.0 * label - 1
        self.K = gram("laplace", x)
        self.c = np.linalg.solve(self.K, self.y)

    def time_loo_residuals(self, n: int) -> None:
        loo_residuals(self.K, self.c)

    def time_inv(self, n: int) -> None:
        self.c / np.diag(np.linalg.inv(self.K))

    def time_potri(self, n: int) -> None:
        dpotri(dpotrf(self.K, lower=1)[0], lower=1)

    def time_matrix_product(self, n: int) -> None:
        """Multiply two matrices, 2 n^3 flops: a third of it is what the two steps need."""
        self.K @ self.K

    def time_ten_refits(self, n: int) -> None:
        self.refits(range(10))

    def peakmem_loo_residuals(self, n: int) -> None:
        loo_residuals(self.K, self.c)

    def refits(self, which: range) -> np.ndarray:
        """Return the residuals of interpolants without one sample each."""
        residuals = []
        for i in which:
            rest = np.arange(len(self.y)) != i
            c = np.linalg.solve(self.K[np.ix_(rest, rest)], self.y[rest])
            residuals.append(self.y[i] - self.K[i, rest] @ c)
        return np.array(residuals)

    def track_error(self, n: int) -> float:
        """Return the largest difference to ten refits."""
        found = loo_residuals(self.K, self.c)
        return float(np.abs(found[:10] - self.refits(range(10))).max())

    def track_error_of_inv(self, n: int) -> float:
        found = self.c / np.diag(np.linalg.inv(self.K))
        return float(np.abs(found[:10] - self.refits(range(10))).max())
