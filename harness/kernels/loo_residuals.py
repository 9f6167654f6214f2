r"""Leave-one-out residuals: how far each sample's own prediction moves when it is left out.

Let :math:`f = \sum_j c_j k(x_j, \cdot)` interpolate S, c = K^{-1} y, and :math:`f^{(i)}` the same
without sample i. Then

.. math:: f(x_i) - f^{(i)}(x_i) = \frac{c_i}{(K^{-1})_{ii}},

and f(x_i) = y_i makes it the leave-one-out residual, for all i from one factorization (memo 108 of
the CBMM, Rangamani, Rosasco, Poggio, *For Interpolating Kernel Machines, Minimizing the Norm of the
ERM Solution Minimizes Stability*, arXiv 2006.15522; for ridge regression, with n lambda on the
diagonal of K, D. M. Allen's PRESS, 1974).

For the hard-margin machine only the samples with c_i not 0 enter f, those of the support, and
leaving out another changes nothing. The same quotient with K restricted to the support is the span
rule (V. Vapnik, O. Chapelle, *Bounds on Error Expectation for Support Vector Machines*, Neural
Computation 12(9), 2000): exact if the rest of the support stays and nobody joins it. In general
it is an approximation. No text was checked; tests hold both against refits.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dpotrf, dtrtri


def loo_residuals(K: np.ndarray, c: np.ndarray, support: np.ndarray | None = None) -> np.ndarray:
    """Return f(x_i) - f^(i)(x_i) for every i.

    Parameters
    ----------
    K : float array of shape (n, n)
        Values of the kernel, symmetric, and positive definite on the support.
    c : float array of shape (n,)
        Coefficients of f.
    support : bool array of shape (n,)
        Which samples carry f, by the span rule; None for all.

    Returns
    -------
    float64 array of shape (n,)
        0 outside of the support.

    Raises
    ------
    ValueError
        Shapes do not fit, a sample outside of the support has a coefficient, or `K` is not positive
        definite there in float64.

    Examples
    --------
    f(x_1) = y_1 = 2; from x_2 alone, with K_12 / K_22 = 1/2 and y_2 = 1, it is predicted as 1/2:

    >>> K = np.array([[2.0, 1.0], [1.0, 2.0]])
    >>> print(loo_residuals(K, np.linalg.solve(K, [2.0, 1.0])))
    [1.5 0. ]
    """
    K, c = np.asarray(K, np.float64), np.asarray(c, np.float64)
    n = len(c)
    carries = np.ones(n, bool) if support is None else np.asarray(support, bool)
    if K.shape != (n, n) or c.shape != (n,) or carries.shape != (n,):
        raise ValueError(
            f"K (n, n), c (n,) and support (n,) must share n, got shapes {K.shape}, {c.shape} "
            f"and {carries.shape}."
        )
    if c[~carries].any():
        raise ValueError("Who is outside of the support has coefficient 0, got another.")
    residuals = np.zeros(n)
    rows = np.flatnonzero(carries)
    if len(rows):
        L, fault = dpotrf(K[np.ix_(rows, rows)], lower=1, clean=1, overwrite_a=1)
        if fault:
            raise ValueError(f"K must be positive definite in float64, its minor {fault} is not.")
        # K^-1 = L^-T L^-1: its diagonal costs half of what all of it does.
        L_inverse, _ = dtrtri(L, lower=1, overwrite_c=1)
        residuals[rows] = c[rows] / np.square(L_inverse).sum(0)
    return residuals
