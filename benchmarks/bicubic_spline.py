"""Values of a bicubic spline from its patches beside scipy's map_coordinates and NdBSpline."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import NdBSpline
from scipy.ndimage import map_coordinates

from harness.kernels.bicubic_spline import bicubic_spline, patches


class BicubicSpline:
    """The points of one step and of the start of a search for errors, 64 x 64 patches."""

    params = ([256, 30_000],)
    param_names = ("n_points",)

    def setup(self, n_points: int) -> None:
        rng = np.random.default_rng(0)
        self.C = rng.uniform(-1, 1, (67, 67))
        self.P = patches(self.C)
        self.uw = rng.uniform(-1, 1, (2, n_points))

    def time_patches(self, n_points: int) -> None:
        patches(self.C)

    def time_spline(self, n_points: int) -> None:
        bicubic_spline(self.P, *self.uw)

    def time_map_coordinates(self, n_points: int) -> np.ndarray:
        found: np.ndarray = map_coordinates(
            self.C, (self.uw + 1) * 32 + 1, order=3, prefilter=False, mode="nearest"
        )
        return found

    def time_nd_b_spline(self, n_points: int) -> None:
        NdBSpline((np.arange(-3.0, 68),) * 2, self.C, 3)((self.uw.T + 1) * 32)

    def peakmem_spline(self, n_points: int) -> None:
        bicubic_spline(self.P, *self.uw)

    def peakmem_map_coordinates(self, n_points: int) -> None:
        self.time_map_coordinates(n_points)

    def track_difference(self, n_points: int) -> float:
        """Return how far it is from map_coordinates at most."""
        theirs = self.time_map_coordinates(n_points)
        return float(np.abs(bicubic_spline(self.P, *self.uw) - theirs).max())
