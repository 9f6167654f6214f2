r"""The matrix by which an attention head compares two tokens, without forming it.

A head's score of inputs x and x' is :math:`x^\top M x'` with :math:`M = W_Q^\top W_K`, (d, d), of
rank at most d_h. :math:`W_Q` and :math:`W_K` alone are not determined by the scores: for invertible
R the pair :math:`(R^\top W_Q, R^{-1} W_K)` gives the same M. So what is asked of a head, its
sparsity or its rank, is asked of M. With :math:`W_Q^\top = U_1 R_1`, :math:`W_K^\top = U_2 R_2` all
of it is in matrices of size d_h:

.. math::
    M = U_1 (R_1 R_2^\top) U_2^\top, \qquad
    \mathrm{srank} = \|s\|_2^2 / s_1^2, \qquad \mathrm{participation} = (\sum s)^2 / \sum s^2,

the share of the squared norm that is antisymmetric, :math:`\|M - M^\top\|_F^2 / 4 \|M\|_F^2`, and
the share of the squared eigenvalues of :math:`(M + M^\top)/2` that belongs to negative ones.
"""

from __future__ import annotations

import torch
from torch import Tensor

from harness.kernels.float64 import Array, as_float64


def singular_values(W_Q: Array, W_K: Array) -> Tensor:
    """Return the singular values of M, float64 (..., d_h), the largest first.

    Parameters
    ----------
    W_Q, W_K : arrays of shape (..., d_h, d)
        With d at least d_h.

    Raises
    ------
    ValueError
        Shapes differ or are no such; a number is not finite.

    Examples
    --------
    >>> W = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    >>> singular_values(W, W).tolist()
    [4.0, 1.0]
    """
    Q, K = _factors(W_Q, W_K)
    R_1, R_2 = (torch.linalg.qr(W.mT, mode="r").R for W in (Q, K))
    s: Tensor = torch.linalg.svdvals(R_1 @ R_2.mT)
    return s


def stable_rank(s: Tensor) -> Tensor:
    """Return the sum of squares over the largest, (...), of singular values (..., d_h).

    Examples
    --------
    >>> float(stable_rank(torch.tensor([2.0, 2.0, 0.0])))
    2.0
    """
    squares = s.square()
    return squares.sum(-1) / squares.amax(-1)


def participation(s: Tensor) -> Tensor:
    """Return the square of the sum over the sum of squares, (...).

    Examples
    --------
    >>> float(participation(torch.tensor([2.0, 2.0, 0.0])))
    2.0
    """
    return s.sum(-1).square() / s.square().sum(-1)


def antisymmetric(W_Q: Array, W_K: Array) -> Tensor:
    """Return the share of the squared norm that changes sign when M is transposed, (...).

    Examples
    --------
    >>> turn = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    >>> float(antisymmetric(torch.eye(2), turn)), float(antisymmetric(turn, turn))
    (1.0, 0.0)
    """
    Q, K = _factors(W_Q, W_K)
    # tr(M M^T) and tr(M M) of the small products: |M - M^T|^2 = 2 |M|^2 - 2 tr(M M).
    squared = ((Q @ Q.mT) * (K @ K.mT)).sum((-1, -2))
    across = K @ Q.mT
    twice = (across * across.mT).sum((-1, -2))
    return (squared - twice) / (2 * squared)


def negative(W_Q: Array, W_K: Array) -> Tensor:
    """Return the share of the symmetric part's squared eigenvalues that are negative, (...).

    Examples
    --------
    >>> float(negative(torch.eye(2), torch.tensor([[1.0, 0.0], [0.0, -2.0]])))
    0.8
    """
    Q, K = _factors(W_Q, W_K)
    # The symmetric part is B^T J B / 2 with B the rows of both and J = [[0, I], [I, 0]]; in an
    # orthonormal basis of these rows it is R J R^T / 2.
    R = torch.linalg.qr(torch.cat([Q, K], -2).mT, mode="r").R
    d_h = Q.shape[-2]
    first, second = R[..., :d_h], R[..., d_h:]
    product = first @ second.mT
    values = torch.linalg.eigvalsh((product + product.mT) / 2)
    squares = values.square()
    share: Tensor = (squares * (values < 0)).sum(-1) / squares.sum(-1)
    return share


def _factors(W_Q: Array, W_K: Array) -> tuple[Tensor, Tensor]:
    Q, K = as_float64(W_Q), as_float64(W_K)
    if Q.shape != K.shape or Q.ndim < 2 or not 0 < Q.shape[-2] <= Q.shape[-1]:
        raise ValueError(
            "W_Q and W_K must have one shape (..., d_h, d) with d_h at most d, got "
            f"{tuple(Q.shape)} and {tuple(K.shape)}."
        )
    return Q, K
