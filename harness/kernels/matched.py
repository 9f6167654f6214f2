r"""How well a measure orders things, whatever of their known factors is held fixed.

For measures mu_i, what they are to order g_i, and factors h_i of every thing i,

.. math::
    \tau(A) = \frac{\sum_{(i, j) : h_i^A = h_j^A} s_{ij}}{|\{(i, j) : h_i^A = h_j^A\}|}, \qquad
    s_{ij} = \operatorname{sgn}(\mu_i - \mu_j) \operatorname{sgn}(g_i - g_j),

over ordered pairs of distinct things that agree on all factors in A, and the matched concordance is
the least :math:`\tau(A)` over at most two factors, none included. With none it is Kendall's tau a.
It is signed, a tie counts 0, and a function of at most two of the factors has at most 0, since
pairs that agree on them are ties. The least over conditions is what robust comparison asks for (G.
K. Dziugaite et al., *In search of robust measures of generalization*, NeurIPS 2020, arXiv
2010.11924, where it is the worst environment of a sign error; not checked against the source).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

MOST = 2
"""Factors that are held fixed at a time."""


def conditions(n_factors: int) -> list[tuple[int, ...]]:
    """Return all sets of at most two factors, the empty one first.

    Examples
    --------
    >>> conditions(3)
    [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
    """
    return [A for size in range(MOST + 1) for A in combinations(range(n_factors), size)]


def concordances(
    mu: np.ndarray, g: np.ndarray, H: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return tau(A) for every set of `conditions`; NaN where no pair agrees.

    Parameters
    ----------
    mu, g : (n,)
        The measure and what it is to order.
    H : (n, p)
        Factors, as numbers that are equal or not.
    weights : (n,) or (r, n), optional
        How often each thing counts, as in a bootstrap: a pair counts by its product, and a thing
        makes no pair with itself.

    Returns
    -------
    (n_conditions,), or (r, n_conditions) for many rows of weights.

    Examples
    --------
    Width orders as it should, and among networks of equal width nothing does:

    >>> concordances(np.array([1.0, 1, 2, 2]), np.array([1.0, 2, 3, 4]), np.array([[1, 1, 2, 2]]).T)
    array([0.66666667, 0.        ])
    """
    w = np.ones(len(mu)) if weights is None else np.asarray(weights, np.float64)
    s = _signs(mu) * _signs(g)
    different = ~np.eye(len(mu), dtype=bool)
    found = []
    for A in conditions(H.shape[1]):
        agree = different.copy()
        for k in A:
            agree &= H[:, None, k] == H[None, :, k]
        total = ((w @ agree) * w).sum(-1)
        with np.errstate(invalid="ignore"):
            found.append(((w @ (s * agree)) * w).sum(-1) / total)
    return np.stack(found, -1)


def matched(
    mu: np.ndarray, g: np.ndarray, H: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return the least tau(A), from -1 to 1, of those that have a pair; as `concordances` takes it.

    A number, or one for every row of weights; 0 where there is no pair at all.

    Examples
    --------
    >>> H = np.array([[1, 1, 2, 2]]).T
    >>> g = np.array([1.0, 2, 3, 4])
    >>> [float(matched(mu, g, H)) for mu in (g, H[:, 0], 0 * g, -g)]
    [1.0, 0.0, 0.0, -1.0]
    """
    found = concordances(mu, g, H, weights)
    least = np.where(np.isnan(found), np.inf, found).min(-1)
    return np.where(np.isinf(least), 0.0, least)


def _signs(values: np.ndarray) -> np.ndarray:
    """Return sgn(values_i - values_j); compared and not subtracted, which may overflow."""
    return (values[:, None] > values[None, :]).astype(np.int8) - (
        values[:, None] < values[None, :]
    ).astype(np.int8)
