r"""Values of a uniform bicubic spline, from the polynomials of its patches.

.. math:: f(s, t) = \sum_{ij} C_{ij} B_3(s + 1 - i) B_3(t + 1 - j), \qquad 0 \le s, t \le n,

with :math:`B_3` the centred cubic B-spline and n + 3 coefficients an axis. On the patch
:math:`[k, k + 1] \times [l, l + 1]` it is :math:`\sum_{ab} P_{kl,ab} (s - k)^a (t - l)^b` with
:math:`P_{kl} = M C_{k..k+3, l..l+3} M^T`, so that a point costs one look-up of 16 numbers that lie
together and two rounds of Horner's rule. C. de Boor, *A Practical Guide to Splines* (formula not
checked against the source, but against scipy by a test).
"""

from __future__ import annotations

import numpy as np

POWERS = np.array([[1, 4, 1, 0], [-3, 0, 3, 0], [3, -6, 3, 0], [-1, 3, -3, 1]]) / 6
"""M: the cubic B-splines that live on an interval, as polynomials on it."""
CHUNK = 4096
"""Points that are looked up at once: their patches stay in the processor's cache."""


def patches(coefficients: np.ndarray) -> np.ndarray:
    """Return the polynomials of all patches.

    Parameters
    ----------
    coefficients : float array of shape (n + 3, n + 3)

    Returns
    -------
    float64 array of shape (n, n, 4, 4)
        Powers of s rise along the third axis, those of t along the last.

    Raises
    ------
    ValueError
        If there are fewer than 4 coefficients an axis.
    """
    C = np.asarray(coefficients, dtype=np.float64)
    if C.ndim != 2 or min(C.shape) < 4:
        raise ValueError(f"There must be 4 or more coefficients on both axes, got {C.shape}.")
    windows = np.lib.stride_tricks.sliding_window_view(C, (4, 4))
    found: np.ndarray = POWERS @ windows @ POWERS.T
    return found


def bicubic_spline(P: np.ndarray, u: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the values at many points of the square [-1, 1]^2.

    Parameters
    ----------
    P : array of shape (n, m, 4, 4)
        From `patches`.
    u, w : float arrays of shape (N,), within [-1, 1]
        s = (u + 1) n / 2 and t = (w + 1) m / 2; beyond, the outermost patches are continued.

    Returns
    -------
    float64 array of shape (N,)

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    Coefficients that rise linearly give a linear function:

    >>> P = patches(np.add.outer(np.arange(5.0), 10 * np.arange(5.0)))
    >>> bicubic_spline(P, np.array([-1.0, 0.0, 1.0]), np.array([-1.0, 0.0, 0.5])).round(9)
    array([11., 22., 28.])
    """
    if P.ndim != 4 or P.shape[2:] != (4, 4) or u.ndim != 1 or u.shape != w.shape:
        raise ValueError(
            f"P must have shape (n, m, 4, 4) and u and w shape (N,), got {P.shape}, {u.shape} and "
            f"{w.shape}."
        )
    n, m = P.shape[:2]
    rows = P.reshape(n * m, 16)
    found = np.empty(len(u))
    for start in range(0, len(u), CHUNK):
        part = slice(start, start + CHUNK)
        s, t = (u[part] + 1) * (n / 2), (w[part] + 1) * (m / 2)
        k = np.clip(s.astype(np.intp), 0, n - 1)
        j = np.clip(t.astype(np.intp), 0, m - 1)
        s, t = s - k, (t - j)[:, None]
        p = rows[k * m + j].reshape(-1, 4, 4)
        q = ((p[:, :, 3] * t + p[:, :, 2]) * t + p[:, :, 1]) * t + p[:, :, 0]  # (N, 4)
        found[part] = ((q[:, 3] * s + q[:, 2]) * s + q[:, 1]) * s + q[:, 0]
    return found
