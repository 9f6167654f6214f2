r"""Stable and numerical rank of a weight matrix.

With its singular values :math:`s_1 \ge s_2 \ge \dots`,

.. math::
    \mathrm{srank}(W) = \frac{\|W\|_F^2}{\|W\|_2^2} = \sum_i s_i^2 / s_1^2, \qquad
    \mathrm{rank}_\tau(W) = \#\{ i : s_i > \tau s_1 \}.

The first is "numerical rank" in M. Rudelson, R. Vershynin, *Sampling from large matrices: an
approach through geometric functional analysis*, Journal of the ACM 54(4), 2007 (not checked
against the source). It is at most the rank and changes little with small perturbations.

A convolution kernel (c_out, c_in, k_h, k_w) is measured as the matrix (c_out, c_in k_h k_w), not
as the larger operator on images.
"""

from __future__ import annotations

import torch
from torch import Tensor

from harness.kernels.float64 import Array, as_float64


def stable_rank(W: Array) -> float:
    """Return the stable rank, from 1 to the rank of `W`.

    Parameters
    ----------
    W : array of shape (m, n) or (c_out, c_in, ...)

    Raises
    ------
    ValueError
        If `W` is zero, empty, not finite, or has fewer than two axes.

    Examples
    --------
    >>> stable_rank(torch.diag(torch.tensor([2.0, 1.0, 1.0])))
    1.5
    """
    M = _matrix(W)
    # s_1^2 is the one eigenvalue that squaring the matrix does not make less exact.
    gram = M @ M.T if M.shape[0] <= M.shape[1] else M.T @ M
    return float(gram.trace() / torch.linalg.eigvalsh(gram)[-1])


def numerical_rank(W: Array, tau: float = 0.05) -> int:
    """Return the number of singular values above `tau` times the largest.

    Parameters
    ----------
    W : array of shape (m, n) or (c_out, c_in, ...)
    tau : float
        From 0 to below 1.

    Raises
    ------
    ValueError
        As `stable_rank`, and if `tau` is out of range.

    Examples
    --------
    >>> numerical_rank(torch.diag(torch.tensor([1.0, 0.1, 0.01])))
    2
    """
    if not 0 <= tau < 1:
        raise ValueError(f"tau must be in [0, 1), got {tau}.")
    s = torch.linalg.svdvals(_matrix(W))
    return int((s > tau * s[0]).sum())


def _matrix(W: Array) -> Tensor:
    """Return `W` as a float64 matrix whose largest entry is 1 in size: ranks have no scale."""
    M = as_float64(W)
    if M.ndim < 2 or not M.numel():
        raise ValueError(f"A rank needs a matrix, got shape {tuple(M.shape)}.")
    M = M.flatten(1)
    largest = M.abs().max()
    if not largest:
        raise ValueError("The rank of a zero matrix is no ratio: check that the layer is alive.")
    return M / largest
