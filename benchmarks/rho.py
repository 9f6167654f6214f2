"""The gauge of a network beside scipy's matrix balancing and a general minimiser."""

from __future__ import annotations

import numpy as np
from scipy.linalg import matrix_balance
from scipy.optimize import minimize

from harness.kernels.mlp import MLP, draw_mlp
from harness.kernels.rho import gauge, rho


def adjacency(weights: list[np.ndarray]) -> np.ndarray:
    """Return the graph that a network is, inputs and outputs being node 0."""
    sizes = [1, *(W.shape[1] for W in weights[:-1])]
    starts = np.cumsum([0, *sizes])
    A = np.zeros((starts[-1], starts[-1]))
    for k, W in enumerate(weights):
        block = np.abs(W)
        if k == 0:
            block = np.linalg.norm(W, axis=0)[None]
        if k == len(weights) - 1:
            block = np.linalg.norm(block, axis=1)[:, None]
        ends = (0, 1) if k == len(weights) - 1 else (starts[k + 1], starts[k + 2])
        A[starts[k] : starts[k + 1], ends[0] : ends[1]] = block
    return A


def balance_scipy(net: MLP) -> float:
    """Return rho after LAPACK's balancing, whose scales are powers of two."""
    B = matrix_balance(adjacency(net.weights), permute=False)[0]
    starts = np.cumsum([0, 1, *(W.shape[1] for W in net.weights[:-1])])
    norms = []
    for k in range(len(net.weights)):
        rows = B[starts[k] : starts[k + 1]]
        last = k == len(net.weights) - 1
        block = rows[:, :1] if last else rows[:, starts[k + 1] : starts[k + 2]]
        norms.append(np.linalg.norm(block))
    return float(np.prod(norms))


def minimize_scipy(net: MLP) -> float:
    """Return rho after L-BFGS on the logarithms of the scales, with the exact gradient."""
    squares = [W.astype(np.float64) ** 2 for W in net.weights]
    squares[0], squares[-1] = squares[0].sum(0)[None], squares[-1].sum(1)[:, None]
    ends = np.cumsum([S.shape[1] for S in squares[:-1]])[:-1]

    def log_rho(u: np.ndarray) -> tuple[float, np.ndarray]:
        parts = [np.zeros(1), *np.split(u, ends), np.zeros(1)]
        value, slopes = 0.0, [np.zeros(len(part)) for part in parts]
        for k, S in enumerate(squares):
            scaled = S * np.exp(2 * (parts[k + 1] - parts[k][:, None]))
            total = scaled.sum()
            value += 0.5 * np.log(total)
            slopes[k] -= scaled.sum(1) / total
            slopes[k + 1] += scaled.sum(0) / total
        return value, np.concatenate(slopes[1:-1])

    start = np.zeros(sum(S.shape[1] for S in squares[:-1]))
    options = {"maxiter": 10_000, "maxfun": 20_000, "gtol": 1e-9, "ftol": 1e-15}
    return float(np.exp(minimize(log_rho, start, jac=True, method="L-BFGS-B", options=options).fun))


class Gauge:
    """Networks of the theme, with units rescaled by up to three decades each way."""

    params = ([(64, 128, 128, 1), (64, 64, 64, 64, 64, 10), (64, 512, 512, 10)],)
    param_names = ("widths",)

    def setup(self, widths: tuple[int, ...]) -> None:
        rng = np.random.default_rng(0)
        self.net = draw_mlp(widths, 2**0.5, 0)
        for above, below in zip(self.net.weights[:-1], self.net.weights[1:], strict=True):
            c = (10 ** rng.uniform(-3, 3, above.shape[1])).astype(np.float32)
            above *= c
            below /= c[:, None]

    def time_gauge(self, widths: tuple[int, ...]) -> None:
        gauge(self.net)

    def time_gauge_matrix_balance(self, widths: tuple[int, ...]) -> None:
        balance_scipy(self.net)

    def time_gauge_lbfgs(self, widths: tuple[int, ...]) -> None:
        minimize_scipy(self.net)

    def time_one_sweep_of_memory(self, widths: tuple[int, ...]) -> None:
        """Read every weight twice, as a sweep does: times ten, the floor of `time_gauge`."""
        for W in self.net.weights:
            W.sum(0)
            W.sum(1)

    def time_rho(self, widths: tuple[int, ...]) -> None:
        rho(self.net)

    def peakmem_gauge(self, widths: tuple[int, ...]) -> None:
        gauge(self.net)

    def peakmem_gauge_matrix_balance(self, widths: tuple[int, ...]) -> None:
        balance_scipy(self.net)

    def track_imbalance(self, widths: tuple[int, ...]) -> float:
        """Return the worst relative difference between what enters a unit and what leaves it."""
        weights = gauge(self.net).weights
        return max(
            float(np.abs(np.square(above).sum(0) / np.square(below).sum(1) - 1).max())
            for above, below in zip(weights[:-1], weights[1:], strict=True)
        )

    def track_excess_of_matrix_balance(self, widths: tuple[int, ...]) -> float:
        return balance_scipy(self.net) / rho(gauge(self.net)) - 1

    def track_excess_of_lbfgs(self, widths: tuple[int, ...]) -> float:
        return minimize_scipy(self.net) / rho(gauge(self.net)) - 1
