r"""How unevenly rows of nonnegative numbers are spread, by four measures.

For a row a of n numbers with sum S, ascending :math:`a_{(1)} \le a_{(2)} \le \dots`, and p = a / S:

.. math::
    \mathrm{gini} = 1 - \frac{2}{n} \sum_i p_{(i)} \left(n - i + \tfrac12\right), \qquad
    \mathrm{hoyer} = \frac{\sqrt n - \|a\|_1 / \|a\|_2}{\sqrt n - 1},

the entropy over that of equal numbers, :math:`-\sum p \ln p / \ln n`, and the share of entries,
largest first, that hold a given share of the sum. Equal numbers have 0, 0, 1 and that share rounded
up; one number that is not zero has 1 - 1/n, 1, 0 and 1/n.

N. Hurley, S. Rickard, *Comparing Measures of Sparsity*, IEEE Trans. Inf. Theory 55(10), 2009,
compare the first two; P. Hoyer, J. Machine Learning Research 5, 2004 (neither formula was checked
against its source). None says what is lost if the small numbers are set to zero.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from harness.kernels.float64 import Array, as_float64


def gini(rows: Array) -> Tensor:
    """Return the Gini index of every row, from 0 to 1 - 1/n.

    Parameters
    ----------
    rows : array of shape (..., n)

    Raises
    ------
    ValueError
        Of this and all measures here: n is less than 2, a number is negative or not finite, or a
        row is zero.

    Examples
    --------
    >>> gini(torch.tensor([[1.0, 1.0], [0.0, 3.0]])).tolist()
    [0.0, 0.5]
    """
    p = _shares(rows).sort(-1).values
    n = p.shape[-1]
    weight = n - torch.arange(n, dtype=p.dtype) - 0.5
    index: Tensor = 1 - 2 / n * (p @ weight)
    return index


def hoyer(rows: Array) -> Tensor:
    """Return Hoyer's sparseness of every row, from 0 to 1.

    Examples
    --------
    >>> hoyer(torch.tensor([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 2.0, 0.0]])).tolist()
    [0.0, 1.0]
    """
    p = _shares(rows)
    root = p.shape[-1] ** 0.5
    sparseness: Tensor = (root - 1 / torch.linalg.vector_norm(p, dim=-1)) / (root - 1)
    return sparseness


def entropy(rows: Array) -> Tensor:
    """Return every row's entropy over that of equal numbers, from 0 to 1.

    Examples
    --------
    >>> entropy(torch.tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]])).tolist()
    [0.5, 0.0]
    """
    p = _shares(rows)
    found: Tensor = torch.special.entr(p).sum(-1) / math.log(p.shape[-1])
    return found


def holding(rows: Array, share: float = 0.9) -> Tensor:
    """Return the smallest share of every row's entries that holds a `share` of its sum.

    Examples
    --------
    >>> holding(torch.tensor([[1.0, 1.0, 1.0, 1.0], [8.0, 1.0, 1.0, 0.0]]), 0.75).tolist()
    [0.75, 0.25]
    """
    if not 0 < share <= 1:
        raise ValueError(f"share must be in (0, 1], got {share}.")
    p = _shares(rows).sort(-1, descending=True).values
    n = p.shape[-1]
    # A sum of shares ends a little below or above 1; what it lacks is no entry.
    short = p.cumsum(-1) < share - n * torch.finfo(p.dtype).eps
    return (short.sum(-1) + 1).clamp(max=n).to(p.dtype) / n


def _shares(rows: Array) -> Tensor:
    a = as_float64(rows)
    if a.ndim < 1 or a.shape[-1] < 2:
        raise ValueError(f"A row needs at least 2 numbers, got shape {tuple(a.shape)}.")
    total = a.sum(-1, keepdim=True)
    if bool((a < 0).any()) or bool((total <= 0).any()):
        raise ValueError("A row must be nonnegative and not zero.")
    return a / total
