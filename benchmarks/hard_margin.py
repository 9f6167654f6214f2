"""The hard-margin machine beside scipy's nnls, in the least-distance form, and its SLSQP."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize, nnls

from harness.kernels.hard_margin import hard_margin
from tasks._data.features import gram
from tasks._data.motif import motifs


def least_distance(Q: np.ndarray) -> np.ndarray:
    """Return the margins by nnls on a triangular factor (C. L. Lawson, R. J. Hanson, 1974)."""
    G = np.linalg.cholesky(Q)
    E = np.vstack([G.T, np.ones(len(Q))])
    f = np.zeros(len(E))
    f[-1] = 1
    residual = E @ nnls(E, f, maxiter=100 * len(Q))[0] - f
    margins: np.ndarray = G @ (-residual[:-1] / residual[-1])
    return margins


class HardMargin:
    """A Gaussian kernel on signals of two classes."""

    params = ([80, 150, 600],)
    param_names = ("n",)

    def setup(self, n: int) -> None:
        rng = np.random.default_rng(0)
        x, label = motifs(rng, 2, 1).draw(rng, n)
        self.y = 2.0 * label - 1
        self.K = gram("rbf", x)
        self.Q = self.K * np.outer(self.y, self.y)
        self.alpha = hard_margin(self.K, self.y)
        self.rest = np.arange(n) != int(np.argmax(self.alpha))

    def time_hard_margin(self, n: int) -> None:
        hard_margin(self.K, self.y)

    def time_one_sample_fewer(self, n: int) -> None:
        """Solve again without the sample that counts most, from the solution with it."""
        rest = self.rest
        hard_margin(self.K[np.ix_(rest, rest)], self.y[rest], start=self.alpha[rest])

    def time_tube(self, n: int) -> None:
        hard_margin(self.K, self.y, 2.0)

    def time_nnls(self, n: int) -> None:
        least_distance(self.Q)

    def time_one_factorization(self, n: int) -> None:
        """Factor the whole matrix once: what a step can cost at most."""
        np.linalg.cholesky(self.Q)

    def peakmem_hard_margin(self, n: int) -> None:
        hard_margin(self.K, self.y)

    def track_violation(self, n: int) -> float:
        """Return by how much the least margin misses 1."""
        return float(1 - (self.Q @ hard_margin(self.K, self.y)).min())

    def track_violation_of_nnls(self, n: int) -> float:
        return float(1 - least_distance(self.Q).min())


class Few(HardMargin):
    """As few samples as a general solver takes in less than a second."""

    params = ([80],)

    def time_slsqp(self, n: int) -> None:
        self.slsqp()

    def slsqp(self) -> np.ndarray:
        """Return alpha of the dual problem, bounded below by 0."""
        found: np.ndarray = minimize(
            lambda a: a @ self.Q @ a / 2 - a.sum(),
            np.zeros(len(self.y)),
            jac=lambda a: self.Q @ a - 1,
            bounds=[(0, None)] * len(self.y),
            method="SLSQP",
            options={"maxiter": 1000, "ftol": 1e-12},
        ).x
        return found

    def track_violation_of_slsqp(self, n: int) -> float:
        return float(1 - (self.Q @ self.slsqp()).min())
