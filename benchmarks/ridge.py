"""The ridge readout beside scikit-learn's Ridge."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import Ridge

from harness.kernels.ridge import ridge

C, LAM = 10, 1e-3


class RidgeReadout:
    """More samples than features, more features than samples, and many of both."""

    params = ([(2048, 128), (512, 2048), (8192, 512)],)
    param_names = ("n_and_p",)

    def setup(self, size: tuple[int, int]) -> None:
        n, p = size
        rng = np.random.default_rng(0)
        self.H = np.maximum(rng.standard_normal((n, p)), 0).astype(np.float32)
        self.R = np.eye(C)[np.arange(n) % C]

    def solve_sklearn(self) -> np.ndarray:
        """Return A of shape (p, C); scikit-learn's penalty is on the sum, not the mean."""
        model = Ridge(LAM * len(self.H), fit_intercept=False, solver="cholesky")
        fitted: np.ndarray = model.fit(self.H.astype(np.float64), self.R).coef_.T
        return fitted

    def time_ridge(self, size: tuple[int, int]) -> None:
        ridge(self.H, self.R, LAM)

    def time_ridge_sklearn(self, size: tuple[int, int]) -> None:
        self.solve_sklearn()

    def peakmem_ridge(self, size: tuple[int, int]) -> None:
        ridge(self.H, self.R, LAM)

    def peakmem_ridge_sklearn(self, size: tuple[int, int]) -> None:
        self.solve_sklearn()

    def relative_gradient(self, A: np.ndarray) -> float:
        """Return what is left of the normal equations, relative to H^T R / n."""
        H, n = self.H.astype(np.longdouble), len(self.H)
        constant = H.T @ self.R / n
        gradient = H.T @ (H @ A) / n + LAM * A - constant
        return float(np.sqrt((gradient**2).sum() / (constant**2).sum()))

    def track_relative_gradient(self, size: tuple[int, int]) -> float:
        return self.relative_gradient(ridge(self.H, self.R, LAM).numpy())

    def track_relative_gradient_sklearn(self, size: tuple[int, int]) -> float:
        return self.relative_gradient(self.solve_sklearn())
