r"""Walsh-Hadamard transform: all Fourier coefficients of a function of n bits.

.. math:: F(S) = \sum_{x} f(x)\, \chi_S(x), \qquad \chi_S(x) = \prod_{i \in S} x_i,
    \quad x \in \{1, -1\}^n,

with bit i of a position set where :math:`x_i = -1`, and bit i of an index where
:math:`i \in S` (Hadamard's order). :math:`\hat f(S) = F(S) / 2^n`; applied twice the transform
multiplies by :math:`2^n`. R. O'Donnell, *Analysis of Boolean Functions*, 2014, section 1.2 for the
expansion (not checked against the source).

The matrix is a Kronecker power of (1 1; 1 -1), so five bits at a time are one product with the
matrix of five bits: more additions than butterflies make, in a quarter of the time, since a product
goes through memory once. Sums of integers below 2^53 are exact in float64, whatever their order;
larger ones are added as integers, by butterflies.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import hadamard

_BITS = 5
_MATRIX = hadamard(2**_BITS, dtype=np.float64)


def walsh_hadamard(f: np.ndarray) -> np.ndarray:
    """Return the transform along the last axis.

    Parameters
    ----------
    f : array of shape (..., 2^n)
        Integers, truth values or real numbers.

    Returns
    -------
    array of the same shape
        int64 and exact for integers and truth values, float64 for real numbers.

    Raises
    ------
    ValueError
        If the length is no power of two, or sums of absolute values reach 2^63.
    TypeError
        If the numbers are neither integers nor real.

    Examples
    --------
    The product of two bits has one coefficient, that of both; 1 is bit 0 at rest.

    >>> walsh_hadamard(np.array([1, -1, -1, 1]))
    array([0, 0, 0, 4])
    """
    f = np.asarray(f)
    length = f.shape[-1] if f.ndim else 0
    if length < 1 or length & (length - 1):
        raise ValueError(f"The last axis must have a length of 2^n, got shape {f.shape}.")
    if f.dtype.kind == "f":
        return _by_products(f.astype(np.float64))
    if f.dtype.kind not in "biu":
        raise TypeError(f"The transform takes integers or real numbers, got {f.dtype}.")
    # float64 bounds the sums: integers would overflow first.
    largest = float(np.abs(f.astype(np.float64)).sum(-1).max(initial=0.0))
    if largest < 2**53:
        return _by_products(f.astype(np.float64)).astype(np.int64)
    if largest >= 2**63 * (1 - 1e-9):
        raise ValueError(
            f"Sums of absolute values must stay below 2^63, got {largest:.4g}: scale down."
        )
    return _by_butterflies(f.astype(np.int64))


def _by_products(F: np.ndarray) -> np.ndarray:
    """Transform bit after bit from the highest, each product moving its bits to the lowest."""
    shape = F.shape
    left = shape[-1].bit_length() - 1
    while left:
        bits = min(_BITS, left)
        side = 1 << bits
        parts = F.reshape(*shape[:-1], side, -1)
        F = np.swapaxes(parts, -1, -2) @ _MATRIX[:side, :side]
        left -= bits
    return F.reshape(shape)


def _by_butterflies(F: np.ndarray) -> np.ndarray:
    """Transform integers in place."""
    apart = 1
    while apart < F.shape[-1]:
        pairs = F.reshape(*F.shape[:-1], -1, 2, apart)
        difference = pairs[..., 0, :] - pairs[..., 1, :]
        pairs[..., 0, :] += pairs[..., 1, :]
        pairs[..., 1, :] = difference
        apart *= 2
    return F
