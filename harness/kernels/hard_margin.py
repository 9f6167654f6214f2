r"""The hard-margin machine: of all functions of a kernel's space with enough margin, the smallest.

.. math::
    \min_f \|f\|_K^2 \quad\text{subject to}\quad 1 \le y_i f(x_i) \le 1 + w
    \quad\text{for all } i, \qquad f = \sum_j \alpha_j\, y_j\, k(x_j, \cdot).

With w infinite it is the support vector machine without a bias and without slack, with w = 0 the
interpolant of least norm, between them the hard tube of support vector regression, scaled. The
margins s = Q alpha, Q_ij = y_i y_j K_ij, solve :math:`\min_s s^T Q^{-1} s` in a box, a strictly
convex problem, and block principal pivoting finds its solution exactly in a few steps: solve on the
constraints that hold with equality, exchange every one that this leaves on the wrong side, and a
single one, the last, where that no longer makes them fewer (J. J. Judice, F. M. Pires, *A block
principal pivoting algorithm for large-scale strictly monotone linear complementarity problems*,
Computers & Operations Research 21(5):587-596, 1994, and for single exchanges K. G. Murty, 1974;
not checked against the sources). One step costs a Cholesky factorization of the constraints in use.

What it does not do: no slack, no bias, and no kernel matrix that is singular.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv

PATIENCE = 3
"""Exchanges of all at once that may leave as many on the wrong side, before single ones."""
TOLERANCE = 1e-10
"""Of a margin, and of a coefficient relative to the largest: rounding is no wrong side."""
EPS = float(np.finfo(np.float64).eps)
MOST = 20
"""Steps, as a multiple of n, after which rounding decides and no longer the problem."""


def hard_margin(
    K: np.ndarray, y: np.ndarray, width: float = np.inf, start: np.ndarray | None = None
) -> np.ndarray:
    """Return alpha: above 0 where the margin is 1, below 0 where it is 1 + width, else 0.

    Parameters
    ----------
    K : float array of shape (n, n)
        Values of the kernel, symmetric and positive definite.
    y : array of shape (n,)
        Labels, +1 or -1.
    width : float
        How much larger than 1 a margin may be; 0 or more.
    start : array of shape (n,)
        A guess of alpha of which the signs count: with the solution for one sample more it takes
        two or three steps. None for all constraints at their lower end.

    Returns
    -------
    float64 array of shape (n,)

    Raises
    ------
    ValueError
        Shapes do not fit, a label is not +1 or -1, `width` is negative, or `K` is not positive
        definite in float64, or so nearly singular that rounding alone decides.

    Examples
    --------
    A sample beyond the margin of the others does not count:

    >>> K = np.array([[1.0, 2.0], [2.0, 5.0]])
    >>> print(hard_margin(K, np.array([1.0, 1.0])))
    [1. 0.]

    Unless a tube wants it at 1, too: f(x_1) = -1 + 2 and f(x_2) = -2 + 5, less twice that.

    >>> print(hard_margin(K, np.array([1.0, 1.0]), width=0.0))
    [ 3. -1.]
    """
    K, y = np.asarray(K, np.float64), np.asarray(y, np.float64)
    n = len(y)
    if K.shape != (n, n) or y.shape != (n,):
        raise ValueError(
            f"K (n, n) and y (n,) must share n, got shapes {K.shape} and {np.shape(y)}."
        )
    if not (np.abs(y) == 1).all():
        raise ValueError("Labels must be +1 or -1.")
    if not width >= 0:
        raise ValueError(f"width must be 0 or more, got {width}.")
    Q = K * np.outer(y, y)
    side = np.ones(n) if start is None else np.sign(np.asarray(start, np.float64))
    if width == 0:
        side = np.ones(n)  # both ends are one: what holds there has either sign
    elif width == np.inf:
        side = np.maximum(side, 0)
    fewest, patience = n + 1, PATIENCE
    for _ in range(MOST * (n + 1)):
        used = np.flatnonzero(side)
        alpha = np.zeros(n)
        alpha[used] = _solve(Q[np.ix_(used, used)], np.where(side[used] > 0, 1.0, 1.0 + width))
        if width == 0:
            return alpha
        margin = Q[:, used] @ alpha[used]
        largest = np.abs(alpha).max(initial=0.0)
        rounding = TOLERANCE + 4 * n * EPS * largest * Q.max(initial=0.0)
        to = side.copy()
        to[side * alpha < -TOLERANCE * largest] = 0
        to[(side == 0) & (margin < 1 - rounding)] = 1
        to[(side == 0) & (margin > 1 + width + rounding)] = -1
        wrong = np.flatnonzero(to != side)
        if not len(wrong):
            alpha[side * alpha < 0] = 0  # rounding
            return alpha
        if len(wrong) < fewest:
            fewest, patience = len(wrong), PATIENCE
        elif patience:
            patience -= 1
        else:
            wrong = wrong[-1:]
        side[wrong] = to[wrong]
    raise ValueError(f"No solution after {MOST * (n + 1)} steps: K is too nearly singular.")


def _solve(Q: np.ndarray, h: np.ndarray) -> np.ndarray:
    if not len(h):
        return h
    _, solution, fault = dposv(Q, h, lower=1, overwrite_a=1)
    if fault:
        raise ValueError(f"K must be positive definite in float64, its minor {fault} is not.")
    solved: np.ndarray = solution
    return solved
