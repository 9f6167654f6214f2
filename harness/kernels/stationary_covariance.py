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
quadratic. H includes weight decay.
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
    if not rate > 0 or not batch >= 1:
        raise ValueError(f"The rate and the batch must be positive, got {rate} and {batch}.")
    w, U = torch.linalg.eigh(H)
    if not w[0] > 0:
        raise ValueError(
            f"H has the eigenvalue {float(w[0]):.3g}: this is no minimum that SGD stays at. "
            "Add the weight decay, or go on to a minimum."
        )
    if not rate * w[-1] < 2:
        raise ValueError(
            f"The rate {rate} is too large for the eigenvalue {float(w[-1]):.3g}: "
            f"SGD diverges from {2 / float(w[-1]):.3g} on."
        )
    noise = U.T @ C @ U
    # w_i + w_j - eta w_i w_j, written so that nothing cancels where eta w is near 2 or 0.
    half = w * (2 - rate * w) / 2
    curvature = half[:, None] + half + rate / 2 * (w[:, None] - w).square()
    noise *= rate / batch
    noise /= curvature
    S = U @ noise @ U.T
    symmetric: np.ndarray = ((S + S.T) / 2).numpy()
    return symmetric
