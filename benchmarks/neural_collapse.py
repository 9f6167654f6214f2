"""Neural collapse beside scatter matrices in numpy and scikit-learn's nearest centroid."""

from __future__ import annotations

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import NearestCentroid

from harness.kernels.neural_collapse import nc1, nc1_pinv, nc2, ncc_error

C = 10


def scatter(H: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return S_W and S_B as matrices."""
    means = np.stack([H[y == c].mean(0) for c in range(C)])
    within, between = H - means[y], means - H.mean(0)
    return within.T @ within / len(H), between.T @ between / C


class NeuralCollapse:
    """A small and a large layer, in single precision as networks leave it."""

    params = ([(2048, 64), (2048, 512), (10000, 512)],)
    param_names = ("n_and_p",)

    def setup(self, size: tuple[int, int]) -> None:
        n, p = size
        rng = np.random.default_rng(0)
        self.y = np.arange(n) % C
        centers = rng.standard_normal((C, p))
        self.H = (centers[self.y] + rng.standard_normal((n, p))).astype(np.float32)

    def time_nc1(self, size: tuple[int, int]) -> None:
        nc1(self.H, self.y)

    def time_nc1_numpy(self, size: tuple[int, int]) -> None:
        S_W, S_B = scatter(self.H.astype(np.float64), self.y)
        np.trace(S_W) / np.trace(S_B)

    def time_nc1_pinv(self, size: tuple[int, int]) -> None:
        nc1_pinv(self.H, self.y)

    def time_nc1_pinv_numpy(self, size: tuple[int, int]) -> None:
        S_W, S_B = scatter(self.H.astype(np.float64), self.y)
        np.trace(S_W @ np.linalg.pinv(S_B, hermitian=True)) / C

    def time_nc1_pinv_lda(self, size: tuple[int, int]) -> None:
        """Not the same number; the nearest fit in scikit-learn: whitening between class means."""
        LinearDiscriminantAnalysis(solver="svd").fit(self.H.astype(np.float64), self.y)

    def time_nc2(self, size: tuple[int, int]) -> None:
        nc2(self.H, self.y)

    def time_ncc_error(self, size: tuple[int, int]) -> None:
        ncc_error(self.H, self.y)

    def time_ncc_error_nearest_centroid(self, size: tuple[int, int]) -> None:
        H = self.H.astype(np.float64)
        NearestCentroid().fit(H, self.y).score(H, self.y)

    def peakmem_nc1_pinv(self, size: tuple[int, int]) -> None:
        nc1_pinv(self.H, self.y)

    def peakmem_nc1_pinv_numpy(self, size: tuple[int, int]) -> None:
        self.time_nc1_pinv_numpy(size)

    def track_nc1_relative_error(self, size: tuple[int, int]) -> float:
        S_W, S_B = scatter(self.H.astype(np.longdouble), self.y)
        exact = np.trace(S_W) / np.trace(S_B)
        return float(abs(nc1(self.H, self.y) / exact - 1))

    def track_nc1_pinv_relative_error(self, size: tuple[int, int]) -> float:
        S_W, S_B = scatter(self.H.astype(np.float64), self.y)
        exact = np.trace(S_W @ np.linalg.pinv(S_B, hermitian=True, rcond=1e-10)) / C
        return float(abs(nc1_pinv(self.H, self.y) / exact - 1))
