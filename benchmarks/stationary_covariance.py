"""The stationary covariance beside scipy's Lyapunov solver."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from harness.kernels.stationary_covariance import in_eigenbasis, stationary_covariance

RATE, BATCH = 0.05, 4


class StationaryCovariance:
    """Small, middle, and the network of the noise task."""

    params = ([25, 300, 1296],)
    param_names = ("P",)
    timeout = 300

    def setup(self, P: int) -> None:
        rng = np.random.default_rng(0)
        U = np.linalg.qr(rng.standard_normal((P, P)))[0]
        self.H = U * 10 ** np.linspace(-3, 1, P) @ U.T
        self.H = (self.H + self.H.T) / 2
        G = rng.standard_normal((P, 256))
        self.C = G @ G.T / 256
        self.w, self.U = np.linalg.eigh(self.H)
        self.noise = self.U.T @ self.C @ self.U

    def solve_scipy(self, P: int) -> np.ndarray:
        """Return the solution of the discrete Lyapunov equation."""
        A = np.eye(P) - RATE * self.H
        S: np.ndarray = solve_discrete_lyapunov(A, RATE**2 / BATCH * self.C)
        return S

    def residual(self, S: np.ndarray) -> float:
        """Return what is left of the equation, relative to its right-hand side."""
        left = self.H @ S + S @ self.H - RATE * self.H @ S @ self.H
        return float(np.linalg.norm(left * BATCH / RATE - self.C) / np.linalg.norm(self.C))

    def time_stationary_covariance(self, P: int) -> None:
        stationary_covariance(self.H, self.C, RATE, BATCH)

    def time_stationary_covariance_scipy(self, P: int) -> None:
        self.solve_scipy(P)

    def time_in_eigenbasis(self, P: int) -> None:
        in_eigenbasis(self.w, self.noise, RATE, BATCH)

    def time_eigenvalues_alone(self, P: int) -> None:
        """Decompose H, nothing else: the floor of `time_stationary_covariance`."""
        np.linalg.eigh(self.H)

    def peakmem_stationary_covariance(self, P: int) -> None:
        stationary_covariance(self.H, self.C, RATE, BATCH)

    def peakmem_stationary_covariance_scipy(self, P: int) -> None:
        self.solve_scipy(P)

    def track_residual(self, P: int) -> float:
        return self.residual(stationary_covariance(self.H, self.C, RATE, BATCH))

    def track_residual_in_eigenbasis(self, P: int) -> float:
        S = in_eigenbasis(self.w, self.noise, RATE, BATCH)
        return self.residual(self.U @ S @ self.U.T)

    def track_residual_scipy(self, P: int) -> float:
        return self.residual(self.solve_scipy(P))
