r"""Smoothing by a normalized Gaussian kernel, with the speed of attention.

.. math::
    f(q) = \frac{\sum_j v_j e^{-|q - c_j|^2 / 2}}{\sum_j e^{-|q - c_j|^2 / 2}}

E. A. Nadaraya, "On estimating regression", Theory of Probability and its Applications 9, 1964;
G. S. Watson, "Smooth regression analysis", Sankhya A 26, 1964 (not checked against the sources).
With one map before queries and centers it is a normalized HyperBF network of Poggio and Girosi.
As :math:`-|q - c|^2 / 2 = q^\top c - |c|^2 / 2 - |q|^2 / 2` and the last term is the same for all
centers, this is softmax attention of :math:`(q, 1)` to :math:`(c, -|c|^2 / 2)`: `smooth` asks the
library's fused attention and never holds the weights; `weights` is the definition.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def weights(query: Tensor, center: Tensor, causal: bool = False) -> Tensor:
    """Return the weights, (..., m, n), each row of sum 1.

    Parameters
    ----------
    query, center : (..., m, d) and (..., n, d)
        The kernel's width is 1: scale both for another.
    causal
        Whether query i sees centers 0 to i alone; then m is n.

    Raises
    ------
    ValueError
        Shapes do not fit each other, or there is no center.

    Examples
    --------
    >>> c = torch.tensor([[0.0], [2.0]], dtype=torch.float64)
    >>> weights(torch.tensor([[1.0], [1e4]], dtype=torch.float64), c).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    _fit(query, center, None, causal)
    # Differences, not products: far from the origin those would lose all digits.
    scores = torch.cdist(query, center, compute_mode="donot_use_mm_for_euclid_dist") ** 2 / -2
    if causal:
        future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(future, -torch.inf)
    return scores.softmax(-1)


def smooth(query: Tensor, center: Tensor, value: Tensor, causal: bool = False) -> Tensor:
    """Return what `weights` makes of values (..., n, k), (..., m, k).

    Distances are those of products: exact to rounding of the largest squared norm of a center,
    seen from the mean of the centers.

    Raises
    ------
    ValueError
        As in `weights`.

    Examples
    --------
    >>> c = torch.tensor([[0.0], [2.0]])
    >>> smooth(torch.tensor([[1.0]]), c, torch.tensor([[10.0], [20.0]])).tolist()
    [[15.0]]
    """
    _fit(query, center, value, causal)
    origin = center.mean(-2, keepdim=True)
    query, center = query - origin, center - origin
    ones = query.new_ones((*query.shape[:-1], 1))
    key = torch.cat([center, center.square().sum(-1, keepdim=True) / -2], -1)
    query = torch.cat([query, ones], -1)
    k = value.shape[-1]
    # Only where queries, keys and values are of one width is attention fused.
    width = max(k, key.shape[-1])
    q, c, v = (functional.pad(of, (0, width - of.shape[-1])) for of in (query, key, value))
    found = functional.scaled_dot_product_attention(q, c, v, is_causal=causal, scale=1.0)
    return found[..., :k]


def _fit(query: Tensor, center: Tensor, value: Tensor | None, causal: bool) -> None:
    whole = query.ndim == center.ndim >= 2 and query.shape[:-2] == center.shape[:-2]
    fits = whole and query.shape[-1] == center.shape[-1] and center.shape[-2] > 0
    fits = fits and (not causal or query.shape[-2] == center.shape[-2])
    fits = fits and (value is None or value.shape[:-1] == center.shape[:-1])
    if not fits:
        shapes = [tuple(of.shape) for of in (query, center, value) if of is not None]
        raise ValueError(
            "Queries, centers and values must have shapes (..., m, d), (..., n, d) and (..., n, k) "
            f"with n at least 1, and m = n where causal, got {', '.join(map(str, shapes))}."
        )
