r"""What the order by a measure says about the true order, whatever factors are known.

.. math::
    \mathrm{CMI} = 100 \min_{|A| \le 2}
    \frac{I(\operatorname{sgn} \Delta\mu;\ \operatorname{sgn} \Delta g \mid h_i^A, h_j^A)}
         {H(\operatorname{sgn} \Delta g \mid h_i^A, h_j^A)}

over ordered pairs of distinct things, all of equal probability, with a sign of 0 as a value of its
own: the score of the competition on predicting generalization (Y. Jiang et al., *NeurIPS 2020
Competition: Predicting Generalization in Deep Learning*, arXiv 2012.07976; not checked against the
source), which takes sets of two factors alone, counts things with themselves, and weighs cells
alike. It is blind to the sign: a measure and its opposite have the same.
"""

from __future__ import annotations

import numpy as np

from harness.kernels.matched import conditions


def sign_information(mu: np.ndarray, g: np.ndarray, H: np.ndarray) -> float:
    """Return CMI, from 0 to 100; 0 where the factors leave nothing to be known.

    Parameters
    ----------
    mu, g : (n,)
        The measure and what it is to order.
    H : (n, p)
        Factors, as numbers that are equal or not.

    Examples
    --------
    >>> H = np.zeros((4, 1))
    >>> g = np.array([1.0, 2, 3, 4])
    >>> [round(sign_information(mu, g, H), 9) for mu in (g, -g, 0 * g)]
    [100.0, 100.0, 0.0]
    """
    pairs = ~np.eye(len(mu), dtype=bool)
    signs = [(_compare(values) + 1)[pairs] for values in (mu, g)]
    levels = [np.unique(H[:, k], return_inverse=True)[1] for k in range(H.shape[1])]
    least = np.inf
    for A in conditions(H.shape[1]):
        cell = np.zeros(len(mu), np.int64)
        for k in A:
            cell = cell * (levels[k].max(initial=0) + 1) + levels[k]
        n_cells = int(cell.max(initial=0)) + 1
        both = (cell[:, None] * n_cells + cell[None, :])[pairs]
        index = (both * 3 + signs[0]) * 3 + signs[1]
        counts = np.bincount(index, minlength=9 * n_cells**2).reshape(-1, 3, 3).astype(np.float64)
        known = _entropy(counts.sum(1)) - _entropy(counts.sum((1, 2))[:, None])
        if known > 1e-9 * max(1.0, counts.sum()):
            left = _entropy(counts.reshape(-1, 9)) - _entropy(counts.sum(2))
            least = min(least, 1 - left / known)
    return float(100 * np.clip(least, 0, 1)) if np.isfinite(least) else 0.0


def _compare(values: np.ndarray) -> np.ndarray:
    """Return the signs of all differences; not subtracted, which may overflow."""
    above: np.ndarray = values[:, None] > values[None, :]
    return above.astype(np.int64) - (values[:, None] < values[None, :])


def _entropy(counts: np.ndarray) -> float:
    """Return N times the entropy of counts, in nats, up to the N log N that cancels here."""
    some = counts[counts > 0]
    return float(-(some * np.log(some)).sum())
