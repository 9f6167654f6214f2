"""Kuhn interpolation beside matplotlib on the same triangles and scipy's bilinear interpolant."""

from __future__ import annotations

import numpy as np
from matplotlib.tri import LinearTriInterpolator, Triangulation
from scipy.interpolate import RegularGridInterpolator

from harness.kernels.kuhn_interpolation import kuhn_interpolation

N = 20_000


def triangulated(G: int) -> Triangulation:
    """Return the grid's squares, each cut along the diagonal (1, 1)."""
    axis = np.linspace(-1, 1, G)
    u, w = np.meshgrid(axis, axis, indexing="ij")
    corner = np.add.outer(G * np.arange(G - 1), np.arange(G - 1)).ravel()
    lower = np.stack([corner, corner + G, corner + G + 1], axis=1)
    upper = np.stack([corner, corner + G + 1, corner + 1], axis=1)
    return Triangulation(u.ravel(), w.ravel(), np.concatenate([lower, upper]))


class KuhnInterpolation:
    """Twenty thousand points on a coarse and on a fine grid of two variables."""

    params = ([9, 65],)
    param_names = ("G",)

    def setup(self, G: int) -> None:
        rng = np.random.default_rng(0)
        self.values = rng.normal(size=(G, G))
        self.x = rng.uniform(-1, 1, (N, 2))
        axis = np.linspace(-1, 1, G)
        self.bilinear = RegularGridInterpolator((axis, axis), self.values)
        self.triangles = LinearTriInterpolator(triangulated(G), self.values.ravel())
        self.triangles(0.0, 0.0)  # its search structure is built at the first look-up

    def time_kuhn(self, G: int) -> None:
        kuhn_interpolation(self.values, self.x)

    def time_matplotlib(self, G: int) -> None:
        self.triangles(*self.x.T)

    def time_scipy_bilinear(self, G: int) -> None:
        self.bilinear(self.x)

    def peakmem_kuhn(self, G: int) -> None:
        kuhn_interpolation(self.values, self.x)

    def peakmem_matplotlib(self, G: int) -> None:
        self.triangles(*self.x.T)

    def track_difference(self, G: int) -> float:
        """Return how far it is from matplotlib's at most."""
        theirs = self.triangles(*self.x.T)
        return float(np.abs(kuhn_interpolation(self.values, self.x) - theirs).max())
