r"""The relative entropy of two coins, and the largest bias that stays within a given one.

.. math::
    \mathrm{kl}(q \| p) = q \ln\frac{q}{p} + (1 - q) \ln\frac{1 - q}{1 - p}, \qquad
    \mathrm{kl}^{-1}(q, c) = \max\{\, p \ge q : \mathrm{kl}(q \| p) \le c \,\}.

Bounds on a risk in the form kl(empirical || true) <= c become a number by the inverse (J. Langford,
*Tutorial on Practical Prediction Theory for Classification*, JMLR 6, 2005; not checked against the
source). It has no closed form but for q = 0, where it is 1 - e^-c, q = 1 and c = 0.

In p the relative entropy is convex and increasing above q. So Newton's method from a point above
the root descends to it and never passes it: however early it stops, what it returns bounds the risk
still, up to rounding. It starts at the lower of two such points: Pinsker's q + sqrt(c / 2), and

.. math::
    1 - \exp\left(-\frac{c + h(q)}{1 - q}\right), \qquad h(q) = -q \ln q - (1 - q) \ln (1 - q),

which follows from leaving out - q ln p >= 0, and is sharp where c is large.
"""

from __future__ import annotations

import numpy as np
from scipy.special import entr, xlog1py

_STEPS = 30
"""Six are usual; 13 were the most for q and 1 - q from 1e-12 and c from 1e-12 to 100."""


def binary_kl(q: np.ndarray | float, p: np.ndarray | float) -> np.ndarray:
    """Return kl(q || p) in nats, infinite where p is 0 or 1 and q is not.

    Parameters
    ----------
    q, p : arrays of numbers in [0, 1] that broadcast

    Raises
    ------
    ValueError
        If one is outside [0, 1].

    Examples
    --------
    >>> round(float(binary_kl(0.0, 0.5) / np.log(2)), 12)
    1.0
    """
    q, p = _shares(q, "q"), _shares(p, "p")
    d = p - q
    with np.errstate(divide="ignore", invalid="ignore"):
        # In the difference, as ln q - ln p loses all digits where they are close.
        found = -xlog1py(q, d / q) - xlog1py(1 - q, -d / (1 - q))
        found = np.where(q == 0, -np.log1p(-p), np.where(q == 1, -np.log(p), found))
    return np.asarray(np.maximum(found, 0.0))


def binary_kl_inverse(q: np.ndarray | float, c: np.ndarray | float) -> np.ndarray:
    """Return the largest p with kl(q || p) <= c, from above.

    Parameters
    ----------
    q : array of numbers in [0, 1]
    c : array of numbers of at least 0 that broadcasts with q
        Infinity gives 1.

    Raises
    ------
    ValueError
        If q is outside [0, 1] or c below 0.

    Examples
    --------
    No error in n = 100 samples at confidence 0.95: 1 - 0.05^(1/100).

    >>> round(float(binary_kl_inverse(0.0, np.log(20) / 100)), 6)
    0.029513
    """
    q, c = _shares(q, "q"), np.asarray(c, np.float64)
    if not np.all(c >= 0):
        raise ValueError("c must be at least 0 and no NaN.")
    q, c = np.broadcast_arrays(q, c)
    shape = q.shape
    q, c = q.ravel(), c.ravel()
    found = np.where(q == 0, -np.expm1(-c), np.where(q == 1, 1.0, q))
    (rest,) = np.nonzero((q > 0) & (q < 1) & (c > 0))
    if len(rest):
        found[rest] = _newton(q[rest], c[rest])
    return found.reshape(shape)


def _newton(q: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Descend to the root, q strictly between 0 and 1 and c above 0."""
    with np.errstate(over="ignore"):
        above = -np.expm1(-(c + entr(q) + entr(1 - q)) / (1 - q))
    p = np.minimum(q + np.sqrt(c / 2), above)
    for _ in range(_STEPS):
        d = p - q
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = -q * np.log1p(d / q) - (1 - q) * np.log1p(-d / (1 - q)) - c
            step = excess * p * (1 - p) / d
        # Where p is 1 to the last digit, or q is, there is nothing left to descend.
        lower = np.where(np.isfinite(step) & (step > 0), p - step, p)
        p, before = np.maximum(lower, q), p
        if np.all(before - p <= 2e-16):
            break
    return np.asarray(p)


def _shares(x: np.ndarray | float, name: str) -> np.ndarray:
    x = np.asarray(x, np.float64)
    if not np.all((x >= 0) & (x <= 1)):
        raise ValueError(f"{name} must lie in [0, 1], got {x.ravel()[:3]} ...")
    return x
