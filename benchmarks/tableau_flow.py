"""A unit of time of the second-order equation on many small problems, beside scipy's DOP853."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from harness.kernels.tableau_flow import flow, read

N_STEPS = 8


class TableauFlow:
    """x'' + 2 x' = -2 G(x) with G(x) = x H / 2, in closed form; P weights, B problems."""

    params = ([1, 24, 96], [84, 1000])
    param_names = ("problems", "weights")

    def setup(self, B: int, P: int) -> None:
        rng = np.random.default_rng(0)
        self.h = np.linspace(0.05, 0.95, P)
        self.x = rng.standard_normal((B, P))
        self.tableau = read(
            {
                "points": np.array([[1.0, 0, 0]]),
                "rates": np.array([[0.0, 1, 0], [0, -2, -2]]),
                "start": np.array([0.0, 0, -1]),
            }
        )

    def field(self, y: np.ndarray) -> np.ndarray:
        return self.h * y / 2

    def run(self) -> np.ndarray:
        return flow(self.tableau, self.x, self.field, lambda y, d: self.h * d / 2, 1, N_STEPS)

    def by_scipy(self) -> np.ndarray:
        shape = (2, *self.x.shape)

        def rate(t: float, z: np.ndarray) -> np.ndarray:
            x, v = z.reshape(shape)
            return np.concatenate([v, -2 * (v + self.field(x))]).ravel()

        z = np.concatenate([self.x, -self.field(self.x)]).ravel()
        found = solve_ivp(rate, (0, 1), z, "DOP853", rtol=1e-6, atol=1e-6)
        last: np.ndarray = found.y[:, -1].reshape(shape)[0]
        return last

    def time_flow(self, B: int, P: int) -> None:
        self.run()

    def time_flow_scipy(self, B: int, P: int) -> None:
        self.by_scipy()

    def peakmem_flow(self, B: int, P: int) -> None:
        self.run()

    def track_relative_error(self, B: int, P: int) -> float:
        """Largest difference from the closed form, over the largest weight."""
        root = np.sqrt(1 - self.h)  # of x'' + 2 x' + h x = 0, beside -1
        v = -self.h / 2
        wanted = np.exp(-1) * (np.cosh(root) + (1 + v) * np.sinh(root) / root) * self.x
        return float(np.abs(self.run()[1] - wanted).max() / np.abs(self.x).max())
