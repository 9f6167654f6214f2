r"""Piecewise-linear interpolation on a uniform grid whose cubes are cut into Kuhn's simplices.

In a cube with corner :math:`k` and local coordinates :math:`y \in [0, 1]^d`, sorted as
:math:`y_{p_1} \ge \dots \ge y_{p_d}`, the simplex of a point has the vertices
:math:`v_0 = k`, :math:`v_m = v_{m-1} + e_{p_m}`, and the interpolant is

.. math:: V(v_0) + \sum_{m=1}^{d} y_{p_m} (V(v_m) - V(v_{m-1})).

It is continuous, exact for affine functions, and what a ReLU network of one hat function a vertex
computes. H. W. Kuhn, *Some combinatorial lemmas in topology*, IBM J. Res. Dev. 4(5), 1960 (formula
not checked against the source).
"""

from __future__ import annotations

import numpy as np

CHUNK = 8192
"""Points that are looked up at once: what is known of them stays in the processor's cache."""


def kuhn_interpolation(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the interpolant of nodal values at many points.

    Parameters
    ----------
    values : float array of shape (G_1, ..., G_d), each at least 2
        On the grid that divides [-1, 1]^d into equal boxes.
    x : float array of shape (N, d), within [-1, 1]
        Beyond it the outermost simplices are continued.

    Returns
    -------
    float64 array of shape (N,)

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    The minimum of two numbers in [0, 1], which has its crease along the diagonal, is exact:

    >>> values = np.array([[0.0, 0.0], [0.0, 1.0]])
    >>> kuhn_interpolation(values, 2 * np.array([[0.5, 0.25], [0.125, 0.5], [1.0, 1.0]]) - 1)
    array([0.25 , 0.125, 1.   ])
    """
    d = values.ndim
    if d < 1 or min(values.shape) < 2 or x.ndim != 2 or x.shape[1] != d:
        raise ValueError(
            f"values must have 2 or more entries an axis and x shape (N, {d}), got "
            f"{values.shape} and {x.shape}."
        )
    flat = np.ascontiguousarray(values, dtype=np.float64).ravel()
    found = np.empty(len(x))
    for start in range(0, len(x), CHUNK):
        part = x[start : start + CHUNK]
        found[start : start + len(part)] = _at(flat, values.shape, part)
    return found


def _at(flat: np.ndarray, shape: tuple[int, ...], x: np.ndarray) -> np.ndarray:
    stride = 1
    at = np.zeros(len(x), dtype=np.intp)
    y, steps = [], []
    for axis in reversed(range(len(shape))):
        n = shape[axis] - 1
        z = (x[:, axis] + 1) * (n / 2)
        k = np.clip(z.astype(np.intp), 0, n - 1)
        y.append(z - k)
        steps.append(stride)
        at += stride * k
        stride *= shape[axis]
    if len(shape) == 2:  # sorting two numbers is a comparison
        first = y[0] > y[1]
        low, high = np.minimum(*y), np.maximum(*y)
        v0, v2 = flat[at], flat[at + sum(steps)]
        v1 = flat[at + np.where(first, *steps)]
        value: np.ndarray = v0 + high * (v1 - v0) + low * (v2 - v1)
        return value
    Y = np.stack(y)
    order = np.argsort(-Y, axis=0, kind="stable")
    Y = np.take_along_axis(Y, order, 0)
    vertices = at + np.cumsum(np.array(steps)[order], axis=0)
    V = np.concatenate([flat[at][None], flat[vertices]])
    value = V[0] + (Y * np.diff(V, axis=0)).sum(axis=0)
    return value
