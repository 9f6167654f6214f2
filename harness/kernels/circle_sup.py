r"""How far one ReLU neuron in the plane can follow signs, exactly: the cells of the circle.

.. math::
    \sup_{\|u\|_2 = 1} \Bigl| \sum_i \sigma_i \max(0, u^T x_i) \Bigr|, \qquad x_i \in R^2.

Which terms are above 0 changes at 2 n places of the circle. Between two of them the sum is u^T g, g
the sum of sigma_i x_i over those: it is largest at g / |g| or -g / |g|, where the cell holds one of
these, else at one of its ends. All networks of one hidden layer, Frobenius caps s_1, s_2 and any
rank reach s_1 s_2 times this and no more: their output is sum_j v_j |u_j| h(u_j / |u_j|), at most
max |h| sum_j |v_j| |u_j| <= max |h| s_2 s_1 by Cauchy and Schwarz, and one neuron attains it.

What it does not do: more than two dimensions, where cells are too many.
"""

from __future__ import annotations

import numpy as np


def circle_sup(X: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Return the sup for every row of signs.

    Parameters
    ----------
    X : float array of shape (n, 2)
    signs : array of shape (N, n)
        Any real weights will do.

    Returns
    -------
    float64 array of shape (N,)

    Raises
    ------
    ValueError
        Shapes do not fit, or n is 0.

    Examples
    --------
    u at 45 degrees gains half of sqrt(2) from both, and (0, 1) gains 1 where signs differ:

    >>> print(circle_sup(np.eye(2), np.array([[1, 1], [1, -1]])).round(6))
    [1.414214 1.      ]
    """
    X, signs = np.asarray(X, np.float64), np.asarray(signs, np.float64)
    n = len(X)
    if n == 0 or X.shape != (n, 2) or signs.ndim != 2 or signs.shape[1] != n:
        raise ValueError(
            f"X (n, 2) and signs (N, n) must share n > 0, got shapes {X.shape} and {signs.shape}."
        )
    angle = np.arctan2(X[:, 1], X[:, 0])
    low = np.sort(np.concatenate([angle - np.pi / 2, angle + np.pi / 2]) % (2 * np.pi))  # (2 n,)
    size = np.diff(low, append=low[0] + 2 * np.pi)
    active = np.cos((low + size / 2)[:, None] - angle) > 0  # (2 n, n)
    gx, gy = (signs @ np.where(active, x, 0.0).T for x in X.T)  # (N, 2 n)
    ends = np.abs(np.cos(low) * gx + np.sin(low) * gy)
    direction = np.arctan2(gy, gx)
    # g or -g lies within the cell where half a turn more or less makes no difference.
    inside = (direction - low) % np.pi <= size
    found: np.ndarray = np.maximum(ends, np.where(inside, np.hypot(gx, gy), 0.0)).max(1)
    return found
