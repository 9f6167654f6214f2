"""A batched search for critical points beside scipy's Levenberg-Marquardt, start by start."""

from __future__ import annotations

import numpy as np
from scipy.optimize import root

from harness.kernels.critical_points import polish, search
from harness.kernels.two_layer import Expansion, Net, expand

LAM = 0.3


class CriticalPoints:
    """Starts for the factorization of a matrix of 3 by 4 through 4 units, 28 weights."""

    params = ([40, 300],)
    param_names = ("n_starts",)

    def setup(self, n_starts: int) -> None:
        rng = np.random.default_rng(0)
        self.net = Net(np.eye(4), rng.standard_normal((4, 3)), 4, "linear")
        self.starts = 0.5 * rng.standard_normal((n_starts, self.net.size))

    def expand(self, theta: np.ndarray) -> Expansion:
        """Return the loss to second order, with an additive regularizer."""
        value, gradient, hessian = expand(self.net, theta)
        squares = (theta**2).sum(axis=1)
        eye = np.eye(theta.shape[1])
        return Expansion(value + LAM / 2 * squares, gradient + LAM * theta, hessian + LAM * eye)

    def search_scipy(self) -> np.ndarray:
        """Return the ends of MINPACK's lmder from each start."""

        def gradient(x: np.ndarray) -> np.ndarray:
            return self.expand(x[None]).gradient[0]

        def hessian(x: np.ndarray) -> np.ndarray:
            return self.expand(x[None]).hessian[0]

        return np.array([root(gradient, x, jac=hessian, method="lm").x for x in self.starts])

    def missed(self, ends: np.ndarray) -> float:
        """Return the share of starts that did not lead to a critical point."""
        return float((np.abs(self.expand(ends).gradient).max(axis=1) > 1e-8).mean())

    def time_search(self, n_starts: int) -> None:
        search(self.expand, self.starts)

    def time_search_scipy(self, n_starts: int) -> None:
        self.search_scipy()

    def time_polish(self, n_starts: int) -> None:
        polish(self.expand, self.starts)

    def peakmem_search(self, n_starts: int) -> None:
        search(self.expand, self.starts)

    def track_missed(self, n_starts: int) -> float:
        return self.missed(search(self.expand, self.starts))

    def track_missed_scipy(self, n_starts: int) -> float:
        return self.missed(self.search_scipy())
