r"""Length of a code for half-precision weights, the shortest of three ideal codes for an array.

For N values of q = 16 bits, k of them not zero, of c distinct values with frequencies f,

.. math::
    \ell = 32 + \min\{\, N q, \;\; N H_2(k / N) + k q, \;\;
                      N H(f) + c\,(q + \log_2(N + 1)) \,\} \text{ bits},

the entropies in bits: all values in a row; which are not zero, and their values; or a table of the
values with their counts, and then which is where. The 32 bits say which code it is and k or c;
shapes are known to whoever decodes. There are at most :math:`2^{N H_2(k/N)}` sets of k places, and
at most :math:`2^{N H(f)}` orders of values with counts N f (T. M. Cover, J. A. Thomas, *Elements
of Information Theory*, 2nd ed., Theorems 11.1.3 and 11.1.4; not checked against the source), so
such codes exist, up to rounding up to whole bits, and none is a prefix of another: this length may
stand as the b of an Occam bound.

A general compressor pays for zeros that are scattered, and for names; nothing can hide in a length.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

BITS = 16
"""Of a value, q."""
HEADER = 32
"""Bits of an array that say which code follows, and k or c."""


def code_length(W: np.ndarray) -> int:
    """Return the bits of the shortest code for one array, rounded up.

    Parameters
    ----------
    W : float16 array of any shape
        Round before: what is measured must be what is used.

    Raises
    ------
    ValueError
        If `W` is of another type, not finite, or of 2^30 values or more.

    Examples
    --------
    A zero in every place costs the header, for there is but one such array:

    >>> code_length(np.zeros((4, 8), np.float16))
    32

    One value among 16: 16 H_2(1/16) = 5.4 bits for its place and 16 for itself.

    >>> code_length(np.eye(1, 16, dtype=np.float16))
    54
    """
    if W.dtype != np.float16:
        raise ValueError(f"A code is for float16, got {W.dtype}: round before, then use the same.")
    if not np.isfinite(W).all():
        raise ValueError("The array must be finite, got NaN or infinity, or beyond float16.")
    N = W.size
    if N >= 1 << 30:
        raise ValueError(f"An array may have {(1 << 30) - 1} values, got {N}.")
    if not N:
        return HEADER
    # Adding zero makes -0 the same as 0, which no network can tell apart.
    counts = np.unique(W.ravel() + np.float16(0), return_counts=True)[1]
    k = int(np.count_nonzero(W))
    dense = N * BITS
    sparse = _entropy(np.array([k, N - k])) + k * BITS
    table = _entropy(counts) + len(counts) * (BITS + np.log2(N + 1))
    # What is a whole number in theory may be a rounding above it.
    return HEADER + int(np.ceil(min(dense, sparse, table) - 1e-9 * N))


def code_bytes(arrays: Iterable[np.ndarray]) -> int:
    """Return the bytes of several arrays' codes in a row, rounded up.

    Examples
    --------
    >>> code_bytes([np.zeros(100, np.float16), np.arange(4, dtype=np.float16)])
    15
    """
    return -(-sum(map(code_length, arrays)) // 8)


def _entropy(counts: np.ndarray) -> float:
    """Return N H(counts / N) in bits."""
    N, some = counts.sum(), counts[counts > 0]
    return float(-(some * np.log2(some / N)).sum())
