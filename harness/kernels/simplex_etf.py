r"""Simplex equiangular tight frame: C unit vectors with every cosine at -1/(C - 1).

.. math:: E = \sqrt{\tfrac{C}{C-1}}\; Q \left( I_C - \tfrac1C 1 1^T \right), \qquad Q^T Q = I_C,

V. Papyan, X. Y. Han, D. L. Donoho, *Prevalence of neural collapse during the terminal phase of
deep learning training*, PNAS 117(40), 2020, definition of the general simplex ETF (its equation
number was not checked against the source).

The frame spans C - 1 dimensions only. With an orthonormal basis B (C - 1, C) of what is
orthogonal to 1, the projection is :math:`B^T B`, so :math:`E = \sqrt{C/(C-1)}\, U B` with
:math:`U = Q B^T` (p, C - 1). A uniform Q makes a uniform U, and U exists from p = C - 1 on.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import helmert


def simplex_etf(p: int, n_classes: int, seed: int) -> np.ndarray:
    """Draw a simplex equiangular tight frame with uniformly random orientation.

    Parameters
    ----------
    p : int
        Dimension, at least C - 1: fewer dimensions hold no C vectors with these angles.
    n_classes : int
        C, at least 2.
    seed : int

    Returns
    -------
    float64 array of shape (p, C)
        One unit vector per column. The columns sum to zero.

    Raises
    ------
    ValueError
        If p or C is too small.

    Examples
    --------
    >>> E = simplex_etf(p=2, n_classes=3, seed=0)
    >>> np.round(E.T @ E, 12)
    array([[ 1. , -0.5, -0.5],
           [-0.5,  1. , -0.5],
           [-0.5, -0.5,  1. ]])
    """
    C = n_classes
    if C < 2:
        raise ValueError(f"A simplex needs at least 2 classes, got {C}.")
    if p < C - 1:
        raise ValueError(
            f"A simplex of {C} classes needs at least {C - 1} dimensions, got {p}: "
            "take a wider layer."
        )
    G = np.random.default_rng(seed).standard_normal((p, C - 1))
    U, R = np.linalg.qr(G)
    U *= np.copysign(1.0, np.diag(R))  # QR is unique, and U uniform, with a positive diagonal
    E: np.ndarray = math.sqrt(C / (C - 1)) * U @ helmert(C)
    return E
