r"""What a mean is at most, from samples in [0, 1]: small where the samples vary little.

For m independent samples of mean Z and sample variance V (with m - 1 in the denominator), with
probability 1 - delta,

.. math::
    \mathbb{E} Z \le Z + \sqrt{\frac{2 V \ln(2 / \delta)}{m}}
        + \frac{7 \ln(2 / \delta)}{3 (m - 1)} .

A. Maurer, M. Pontil, *Empirical Bernstein Bounds and Sample Variance Penalization*, COLT 2009,
Theorem 4, as it is given in lecture notes; not checked against the source. Hoeffding's inequality
has sqrt(ln(1 / delta) / (2 m)) instead, whatever the variance is.
"""

from __future__ import annotations

import math

import numpy as np


def empirical_bernstein(Z: np.ndarray, delta: float) -> np.ndarray:
    """Return the upper limit of the mean at confidence 1 - delta, above 1 where it says nothing.

    Parameters
    ----------
    Z : array of shape (..., m), values in [0, 1], m at least 2
    delta : float in (0, 1)

    Returns
    -------
    float64 array of shape (...)

    Raises
    ------
    ValueError
        If values lie outside [0, 1], m is below 2 or delta outside (0, 1).

    Examples
    --------
    Without variance only the last term is left, here 7 ln(40) / (3 * 1000):

    >>> round(float(empirical_bernstein(np.full(1001, 0.25), 0.05)) - 0.25, 6)
    0.008607
    """
    Z = np.asarray(Z, np.float64)
    if not 0 < delta < 1:
        raise ValueError(f"delta must lie in (0, 1), got {delta}.")
    if Z.ndim < 1 or Z.shape[-1] < 2:
        raise ValueError(f"At least 2 samples are needed along the last axis, got {Z.shape}.")
    if not np.all((Z >= 0) & (Z <= 1)):
        raise ValueError("Samples must lie in [0, 1].")
    m, confidence = Z.shape[-1], math.log(2 / delta)
    spread = np.sqrt(2 * Z.var(-1, ddof=1) * confidence / m)
    return np.asarray(Z.mean(-1) + spread + 7 * confidence / (3 * (m - 1)))
