"""Functions of exactly known smoothness: splines over many scales, alone and on a binary tree.

A node function is a normalized sum over levels k = 1 to K of

    2^(-r (k-1))  sum_ij  c_kij  B3(2^k s - i) B3(2^k t - j),    c_kij uniform on [-1, 1],

with B3 the centred cubic B-spline and s = (u + 1) / 2, t = (w + 1) / 2 for u, w in [-1, 1]. Level
k varies on the scale 2^-k by 2^(-r k): smoothness r and no more, down to the scale 2^-K. Below it
the function is a cubic spline, so r up to 3 means what it says. It is no sum of ridge functions,
which a method of one dimension could learn.

All levels collapse into one array of coefficients by the two-scale relation
B3(x) = sum_j (1, 4, 6, 4, 1)_j / 8  B3(2 x - j), j = -2 to 2 (C. de Boor, A Practical Guide to
Splines; not checked against the source, but against the direct sum by a test). B-splines sum to
one, so normalization is an affine map of the coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

LEVELS = 6
"""K: the last level has 2^K intervals a coordinate."""
GRID = 257
"""Points a coordinate on which the range of a function is measured."""
MASK = np.array([1, 4, 6, 4, 1]) / 8


@dataclass(frozen=True, eq=False)
class Tree:
    """One node function at every inner node of a complete binary tree over d variables."""

    coefficients: np.ndarray
    """float64 (d - 1, 2^K + 3, 2^K + 3): a node's coefficients, its first child's axis first."""
    children: np.ndarray
    """int32 (d - 1, 2): 0 to d - 1 are variables, d + k is node k; the last node is the root."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the value at the root.

        Parameters
        ----------
        x
            (n, d), in [-1, 1].

        Returns
        -------
        ndarray
            float64 (n,), in [-1, 1].
        """
        values = list(np.asarray(x, dtype=np.float64).T)
        for C, (left, right) in zip(self.coefficients, self.children, strict=True):
            values.append(node_value(C, values[left], values[right]))
        return values[-1]

    def tables(self) -> np.ndarray:
        """Return every node function on the grid: float64 (d - 1, 257, 257), first child first."""
        grid = np.linspace(-1, 1, GRID)
        u, w = np.meshgrid(grid, grid, indexing="ij")
        return np.stack([node_value(C, u, w) for C in self.coefficients])


def tree(rng: np.random.Generator, d: int, r: float, *, levels: int = LEVELS) -> Tree:
    """Draw a function of d variables: a complete binary tree, its nodes listed level by level.

    Neighbours meet first, 0 with 1 and 2 with 3; permute the columns of x to hide that.

    Raises
    ------
    ValueError
        d is no power of two above one.
    """
    if d < 2 or d & (d - 1):
        raise ValueError(f"A complete binary tree has 2, 4, 8, ... variables, got d = {d}.")
    children = np.arange(2 * (d - 1), dtype=np.int32).reshape(d - 1, 2)
    nodes = [multilevel(rng, r, 2, levels=levels) for _ in children]
    return Tree(np.stack(nodes), children)


def node_value(coefficients: np.ndarray, *coordinates: np.ndarray) -> np.ndarray:
    """Return a node function's value, held within [-1, 1] where it overshoots between grid points.

    Parameters
    ----------
    coefficients
        From `multilevel`, one axis a coordinate.
    coordinates
        One array in [-1, 1] for each axis, all of one shape.
    """
    return np.clip(spline(coefficients, *coordinates), -1, 1)


def multilevel(
    rng: np.random.Generator, r: float, n_coordinates: int, *, levels: int = LEVELS
) -> np.ndarray:
    """Draw a function of smoothness r whose range on the grid is [-1, 1].

    Parameters
    ----------
    rng
        Draws c_k, level by level.
    r
        Smoothness, in the sense of Zygmund where it is whole.
    n_coordinates
        1 or 2 or more; the coefficients have an axis for each.
    levels
        K.

    Returns
    -------
    ndarray
        float64, 2^K + 3 coefficients an axis, for `spline` and `node_value`.
    """
    C = np.zeros((4,) * n_coordinates)  # level 0, which is empty
    for k in range(1, levels + 1):
        C = refine(C)
        C += 2.0 ** (-r * (k - 1)) * rng.uniform(-1, 1, C.shape)
    axes = np.meshgrid(*[np.linspace(-1, 1, GRID)] * n_coordinates, indexing="ij")
    values = spline(C, *axes)
    low, high = values.min(), values.max()
    return (2 * C - (low + high)) / (high - low)


def refine(coefficients: np.ndarray) -> np.ndarray:
    """Write a spline with 2^k intervals an axis as one with 2^(k+1): 2^k + 3 coefficients grow."""
    C = coefficients
    for axis in range(C.ndim):
        C = np.moveaxis(C, axis, 0)
        n = len(C)
        fine = np.zeros((2 * n + 3, *C.shape[1:]))
        for j, weight in enumerate(MASK):
            fine[j : j + 2 * n : 2] += weight * C
        # Coefficient i belongs at 2 i; the outermost three of each side have no support left.
        C = np.moveaxis(fine[3 : 2 * n], 0, axis)
    return C


def spline(coefficients: np.ndarray, *coordinates: np.ndarray) -> np.ndarray:
    """Return sum_i C_i prod_a B3(2^k s_a - i_a), i from -1 to 2^k + 1, s = (u + 1) / 2."""
    n = coefficients.shape[0] - 3
    places = [(np.asarray(u, dtype=np.float64) + 1) * (n / 2) + 1 for u in coordinates]
    # At u = 1 a coefficient beyond the last is touched, with weight 0.
    return map_coordinates(coefficients, places, order=3, prefilter=False, mode="nearest")
