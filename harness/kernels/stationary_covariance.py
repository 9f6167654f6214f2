r"""Stationary covariance of SGD near a minimum: how far its noise spreads the weights.

With constant rate :math:`\eta` and batches of B drawn with replacement, the step
:math:`\theta \leftarrow \theta - \eta (H \theta + \xi)`, :math:`\mathrm{Cov}\,\xi = C / B`, has the
stationary covariance

.. math::
    H S + S H - \eta H S H = \tfrac{\eta}{B} C, \qquad\text{in the eigenbasis of } H:\quad
    S_{ij} = \frac{\eta}{B}\, \frac{C_{ij}}{w_i + w_j - \eta w_i w_j} .

It is the discrete Lyapunov equation :math:`S = A S A + \eta^2 C / B` with
:math:`A = I - \eta H`; without the last term on the left, small rates, it is that of S. Mandt,
M. Hoffman, D. Blei, *Stochastic gradient descent as approximate Bayesian inference*, JMLR 18(134),
2017 (not checked against the source). The noise is taken as it is at the minimum, and the loss as
quadratic. H includes weight decay. Whoever has decomposed H already, to look at its eigenvalues or
to change them, goes on in its eigenbasis.
"""

from __future__ import annotations

import numpy as np
import torch

from harness.kernels.float64 import Array, as_float64


def stationary_covariance(
    hessian: Array, gradient_covariance: Array, rate: float, batch: int
) -> np.ndarray:
    """Return S.

    Parameters
    ----------
    hessian : array of shape (P, P)
        H, symmetric.
    gradient_covariance : array of shape (P, P)
        C of single samples, symmetric.
    rate : float
        eta, positive.
    batch : int
        B, at least 1.

    Returns
    -------
    float64 array of shape (P, P), symmetric

    Raises
    ------
    ValueError
        If shapes do not fit, something is not finite or not positive, or an eigenvalue of H is
        not between 0 and 2 / eta: then SGD does not stay.

    Examples
    --------
    One weight of curvature 1, noise 1, rate 1/2, batches of 2: S = (1/4) / (2 - 1/2).

    >>> round(stationary_covariance(np.eye(1), np.eye(1), rate=0.5, batch=2).item(), 12)
    0.166666666667
    """
    H, C = as_float64(hessian), as_float64(gradient_covariance)
    if H.ndim != 2 or H.shape[0] != H.shape[1] or H.shape != C.shape or not len(H):
        raise ValueError(
            f"H and C must share a shape (P, P), got {tuple(H.shape)} and {tuple(C.shape)}."
        )
    w, U = torch.linalg.eigh(H)
    S = U @ _spread(w, U.T @ C @ U, rate, batch) @ U.T
    symmetric: np.ndarray = ((S + S.T) / 2).numpy()
    return symmetric


def in_eigenbasis(eigenvalues: Array, noise: Array, rate: float, batch: int) -> np.ndarray:
    """Return U^T S U for who has decomposed H = U diag(w) U^T.

    Parameters
    ----------
    eigenvalues : array of shape (P,)
        w, in any order.
    noise : array of shape (P, P)
        U^T C U.
    rate, batch
        As `stationary_covariance` takes them.

    Returns
    -------
    float64 array of shape (P, P)

    Raises
    ------
    ValueError
        As `stationary_covariance`.

    Examples
    --------
    >>> in_eigenbasis(np.array([1.0, 0.5]), np.eye(2), rate=1.0, batch=1).round(12)
    array([[1.        , 0.        ],
           [0.        , 1.33333333]])
    """
    w, C = as_float64(eigenvalues), as_float64(noise)
    if w.ndim != 1 or C.shape != (len(w), len(w)) or not len(w):
        raise ValueError(
            "Eigenvalues (P,) and noise (P, P) must share P, at least 1, got "
            f"{tuple(w.shape)} and {tuple(C.shape)}."
        )
    S: np.ndarray = _spread(w, C.clone(), rate, batch).numpy()
    return S


def _spread(w: torch.Tensor, noise: torch.Tensor, rate: float, batch: int) -> torch.Tensor:
    """Turn C into S, both in the eigenbasis, in place."""
    if not rate > 0 or not batch >= 1:
        raise ValueError(f"The rate and the batch must be positive, got {rate} and {batch}.")
    least, top = float(w.min()), float(w.max())
    if not least > 0:
        raise ValueError(
            f"H has the eigenvalue {least:.3g}: this is no minimum that SGD stays at. "
            "Add the weight decay, or go on to a minimum."
        )
    if not rate * top < 2:
        raise ValueError(
            f"The rate {rate} is too large for the eigenvalue {top:.3g}: "
            f"SGD diverges from {2 / top:.3g} on."
        )
    # w_i + w_j - eta w_i w_j, written so that nothing cancels where eta w is near 2 or 0.
    half = w * (2 - rate * w) / 2
    curvature = half[:, None] + half + rate / 2 * (w[:, None] - w).square()
    noise *= rate / batch
    noise /= curvature
    return noise
