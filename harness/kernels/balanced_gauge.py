r"""The scale that scores do not tell: by how much queries grow where centers shrink.

:math:`q \to t q,\ c \to c / t`, for each dimension of a head its own, leaves every product
:math:`q^\top c` as it is, and no distance :math:`|q - c|`. So whoever compares heads by distances
must say which t: here that at which both spread alike,

.. math::
    t_r = \sqrt{m_r(c) / m_r(q)}, \qquad
    m_r(z) = \mathrm{mean}_s \, \mathrm{median}_i \,
    | z_{sir} - \mathrm{median}_j \, z_{sjr} |,

the median absolute deviation within a context s, mean over contexts. Medians, so that a few tokens
far away do not choose the scale of the others. Rotations and other changes of basis of a head leave
products as they are, too; they are not fixed here.
"""

from __future__ import annotations

import torch
from torch import Tensor

from harness.kernels.float64 import Array, as_float64

LEAST = 0.01
"""Of the standard deviation: below it a median absolute deviation is none. Gaussians have 0.67."""


def spread(z: Array) -> Tensor:
    """Return the mean over contexts of the median absolute deviation, float64 (..., d).

    Parameters
    ----------
    z : (n, ..., L, d)
        n contexts of L tokens; of an even number of tokens the median is the mean of two.

    Raises
    ------
    ValueError
        There is no context or no token; a number is not finite.

    Examples
    --------
    >>> spread(torch.tensor([[[0.0], [1.0], [3.0], [100.0], [2.0]]])).tolist()
    [1.0]
    """
    z = as_float64(z)
    if z.ndim < 3 or not z.shape[0] or not z.shape[-2]:
        raise ValueError(f"z must have shape (n, ..., L, d), n and L at least 1, got {z.shape}.")
    return _median((z - _median(z)).abs()).squeeze(-2).mean(0)


def gauge(query: Array, center: Array) -> tuple[Tensor, Tensor]:
    """Return the factors of queries and of centers, t and 1 / t, float64 (..., d).

    A dimension in which most queries or most centers of a context are alike, but for `LEAST` of
    how far the others are away, has no scale: both factors are 0.

    Raises
    ------
    ValueError
        As in `spread`, or shapes differ.

    Examples
    --------
    >>> z = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]])
    >>> t, s = gauge(z, 4 * z)
    >>> t.tolist(), s.tolist()
    ([2.0, 0.0], [0.5, 0.0])
    """
    m_q, m_c = spread(query), spread(center)
    if m_q.shape != m_c.shape:
        raise ValueError(f"Queries and centers must be alike, got {m_q.shape} and {m_c.shape}.")
    there = (m_q > LEAST * _deviation(query)) & (m_c > LEAST * _deviation(center))
    t = torch.where(there, m_c / torch.where(there, m_q, 1.0), 0.0).sqrt()
    return t, torch.where(there, 1 / torch.where(there, t, 1.0), 0.0)


def _deviation(z: Array) -> Tensor:
    z = as_float64(z)
    return (z - z.mean(-2, keepdim=True)).square().mean((0, -2)).sqrt()


def _median(z: Tensor) -> Tensor:
    """Return the median over tokens, (..., 1, d)."""
    L = z.shape[-2]
    ordered = z.sort(-2).values
    return (ordered[..., (L - 1) // 2, None, :] + ordered[..., L // 2, None, :]) / 2
