r"""Ridge readout: the linear classifier on top of given features, in closed form.

.. math:: A = \arg\min_A\; \tfrac1n \|R - H A\|_F^2 + \lambda \|A\|_F^2.

With the identity :math:`(H^T H + n\lambda I)^{-1} H^T = H^T (H H^T + n\lambda I)^{-1}` it is one
Cholesky solve with the smaller of the two Gram matrices. A. E. Hoerl, R. W. Kennard, *Ridge
Regression: Biased Estimation for Nonorthogonal Problems*, Technometrics 12(1):55-67, 1970 (not
checked against the source); its ridge parameter k is n lambda here.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from torch import Tensor

from harness.kernels.float64 import Array, as_float64


def ridge(features: Array, targets: Array, lam: float) -> Tensor:
    """Return the readout A. No intercept is fitted: subtract it from the targets.

    Parameters
    ----------
    features : array of shape (n, p)
        H.
    targets : array of shape (n, C)
        R.
    lam : float
        Weight of |A|^2 against the *mean* squared error; positive.

    Returns
    -------
    float64 Tensor of shape (p, C), on the CPU

    Raises
    ------
    ValueError
        If shapes do not fit, `lam` is not positive, or `lam` is so small that the Gram matrix
        cannot be factored in float64.

    Examples
    --------
    One feature, two samples: A = (1*2 + 1*4) / (1 + 1 + 2*0.5).

    >>> round(ridge(torch.ones(2, 1), torch.tensor([[2.0], [4.0]]), lam=0.5).item(), 12)
    2.0
    """
    H, R = as_float64(features).numpy(force=True), as_float64(targets).numpy(force=True)
    if H.ndim != 2 or R.ndim != 2 or len(H) != len(R) or not len(H):
        raise ValueError(
            f"Features (n, p) and targets (n, C) must share n > 0, got shapes {H.shape} "
            f"and {R.shape}."
        )
    if not lam > 0:
        raise ValueError(f"lam must be positive, got {lam}.")
    n, p = H.shape
    primal = p <= n
    # numpy computes half of a matrix times its own transpose, torch all of it.
    gram = H.T @ H if primal else H @ H.T
    gram[np.diag_indices_from(gram)] += n * lam
    try:
        factor = cho_factor(gram, overwrite_a=True, check_finite=False)
    except LinAlgError:
        raise ValueError(
            f"The features are collinear beyond what lam = {lam} settles: raise it."
        ) from None
    if primal:
        return torch.from_numpy(cho_solve(factor, H.T @ R, check_finite=False))
    return torch.from_numpy(H.T @ cho_solve(factor, R, check_finite=False))
