"""How large a share of something a given loss needs, from shares that were tried."""

from __future__ import annotations

import numpy as np


def share_needed(shares: np.ndarray, losses: np.ndarray, epsilon: float) -> float:
    """Return the share of pairs at which `epsilon` is lost, from shares that were tried.

    Between two shares logarithms are interpolated; below the smallest nothing is known, so that is
    the least that is returned.

    Parameters
    ----------
    shares, losses : (k,)
        Ascending shares, the last 1; losses above 0, the last below `epsilon`.

    Examples
    --------
    >>> float(share_needed(np.array([0.25, 0.5, 1.0]), np.array([0.4, 0.1, 0.025]), 0.05))
    0.7071067811865476
    """
    above = np.flatnonzero(losses > epsilon)
    if not len(above):
        return float(shares[0])
    i = above[-1]
    x, y = np.log(shares[i : i + 2]), np.log(losses[i : i + 2])
    return float(np.exp(x[0] + (x[1] - x[0]) * (y[0] - np.log(epsilon)) / (y[0] - y[1])))
