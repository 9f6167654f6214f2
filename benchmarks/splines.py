"""Splines over many scales, collapsed into one array, beside scipy's tensor-product splines."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import NdBSpline

from tasks._data import multilevel, tree
from tasks._data.splines import spline

N = 20_000


def library(C: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Evaluate the same coefficients with scipy's NdBSpline."""
    n = len(C) - 3
    knots = np.arange(-3.0, n + 4)  # on [0, n], three more at either side
    places = np.minimum((points.T + 1) * (n / 2), n)
    values: np.ndarray = NdBSpline((knots,) * C.ndim, C, 3)(places)
    return values


class NodeFunctions:
    """One function of one and of two variables at twenty thousand points."""

    params = ([1, 2],)
    param_names = ("n_coordinates",)

    def setup(self, n_coordinates: int) -> None:
        rng = np.random.default_rng(0)
        self.C = multilevel(rng, 2, n_coordinates)
        self.points = rng.uniform(-1, 1, (n_coordinates, N))

    def time_spline(self, n_coordinates: int) -> None:
        spline(self.C, *self.points)

    def time_spline_scipy(self, n_coordinates: int) -> None:
        library(self.C, self.points)

    def peakmem_spline(self, n_coordinates: int) -> None:
        spline(self.C, *self.points)

    def peakmem_spline_scipy(self, n_coordinates: int) -> None:
        library(self.C, self.points)

    def track_difference(self, n_coordinates: int) -> float:
        """Return how far the two are apart at most; values are within [-1, 1]."""
        both = spline(self.C, *self.points), library(self.C, self.points)
        return float(np.abs(both[0] - both[1]).max())


class Trees:
    """A whole function of eight variables: to draw it, and seven nodes at every point."""

    def setup(self) -> None:
        rng = np.random.default_rng(0)
        self.tree = tree(rng, 8, 2)
        self.x = rng.uniform(-1, 1, (N, 8))

    def time_draw(self) -> None:
        tree(np.random.default_rng(0), 8, 2)

    def time_tree(self) -> None:
        self.tree(self.x)

    def peakmem_tree(self) -> None:
        self.tree(self.x)
