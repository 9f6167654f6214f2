"""The simplex frame beside its definition written out with scipy."""

from __future__ import annotations

import numpy as np
from scipy.stats import ortho_group

from harness.kernels.simplex_etf import simplex_etf


def project_plain(Q: np.ndarray) -> np.ndarray:
    """Return the definition, for Q of shape (p, C) with orthonormal columns."""
    C = Q.shape[1]
    return np.sqrt(C / (C - 1)) * Q @ (np.eye(C) - 1 / C)


class SimplexETF:
    """A readout of ten classes and one of a thousand."""

    params = ([(64, 10), (512, 10), (1024, 1000)],)
    param_names = ("p_and_C",)

    def time_simplex_etf(self, size: tuple[int, int]) -> None:
        simplex_etf(*size, seed=0)

    def time_simplex_etf_numpy_qr(self, size: tuple[int, int]) -> None:
        project_plain(np.linalg.qr(np.random.default_rng(0).standard_normal(size))[0])

    def time_simplex_etf_ortho_group(self, size: tuple[int, int]) -> None:
        p, C = size
        project_plain(ortho_group.rvs(p, random_state=0)[:, :C])

    def peakmem_simplex_etf(self, size: tuple[int, int]) -> None:
        simplex_etf(*size, seed=0)

    def track_gram_error(self, size: tuple[int, int]) -> float:
        """Largest error of a norm or cosine."""
        C = size[1]
        E = simplex_etf(*size, seed=0)
        return float(np.abs(E.T @ E - (C * np.eye(C) - 1) / (C - 1)).max())

    def track_gram_error_numpy_qr(self, size: tuple[int, int]) -> float:
        """Largest error of a norm or cosine."""
        C = size[1]
        E = project_plain(np.linalg.qr(np.random.default_rng(0).standard_normal(size))[0])
        return float(np.abs(E.T @ E - (C * np.eye(C) - 1) / (C - 1)).max())
