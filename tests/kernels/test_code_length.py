"""The length of a code against a loop, against counting, and against what compressors reach."""

from __future__ import annotations

import lzma
import math
import zlib
from collections import Counter

import numpy as np
import pytest
from scipy.stats import entropy

from harness.kernels.code_length import HEADER, code_bytes, code_length


def naive(W: np.ndarray) -> float:
    """Return the bits by the definition, with scipy's entropy."""
    values = [float(w) for w in W.ravel()]
    N, k = len(values), sum(w != 0 for w in values)
    counts = list(Counter(values).values())
    codes = (
        16 * N,
        N * entropy([k, N - k], base=2) + 16 * k,
        N * entropy(counts, base=2) + len(counts) * (16 + math.log2(N + 1)),
    )
    return 32 + min(codes)


def sparse(N: int, share: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    W = rng.standard_normal(N).astype(np.float16)
    W[rng.permutation(N)[round(share * N) :]] = 0
    return W


@pytest.mark.parametrize("share", [0, 0.01, 0.1, 0.5, 0.97, 1])
@pytest.mark.parametrize("N", [1, 7, 300, 4000])
def test_it_is_the_shortest_of_the_three_codes(N, share):
    for W in (sparse(N, share), np.round(sparse(N, share), 0), np.full(N, 0.5, np.float16)):
        assert code_length(W) == pytest.approx(math.ceil(naive(W) - 1e-6), abs=0.01)


@pytest.mark.parametrize("N, k", [(1, 0), (5, 2), (40, 20), (40, 39)])
def test_there_are_enough_codewords_for_every_array_of_so_many_zeros(N, k):
    """All choices of k places, with all the values that there may be, have a code of their own."""
    W = np.zeros(N, np.float16)
    W[:k] = np.arange(1, k + 1)
    bits = N * entropy([k, N - k], base=2) + 16 * k
    assert math.comb(N, k) * 2 ** (16 * k) <= 2.0**bits * (1 + 1e-9)
    assert code_length(W) <= HEADER + math.ceil(bits)


def test_there_are_enough_codewords_for_every_order_of_a_table():
    counts = [5, 3, 1, 1]
    orders = math.factorial(10) / math.prod(map(math.factorial, counts))
    assert orders <= 2 ** (10 * entropy(counts, base=2))


@pytest.mark.parametrize("share", [0.2, 0.05, 0.01])
def test_scattered_zeros_cost_less_than_a_compressor_takes(share):
    bytes_ = sparse(11520, share).tobytes()
    shortest = min(len(zlib.compress(bytes_, 9)), len(lzma.compress(bytes_)))
    assert code_bytes([sparse(11520, share)]) < shortest


def test_dense_weights_cost_two_bytes_each_and_less_where_there_are_more_than_values():
    W = np.random.default_rng(0).standard_normal((24, 128)).astype(np.float16)
    assert code_bytes([W]) == 2 * W.size + HEADER // 8
    # Half precision has 63,000 values: of a million normal weights a table is shorter.
    many = np.random.default_rng(0).standard_normal(1_000_000).astype(np.float16)
    assert code_bytes([many]) < 1.8 * many.size


def test_order_shape_and_the_sign_of_zero_do_not_matter():
    W = sparse(60, 0.3)
    shuffled = np.random.default_rng(1).permutation(W).reshape(6, 10)
    negative = np.where(shuffled == 0, np.float16(-0.0), shuffled)
    assert code_length(W) == code_length(shuffled) == code_length(negative)
    assert code_length(shuffled.T) == code_length(shuffled[::-1])


def test_a_zero_more_never_costs_more_and_an_empty_array_costs_its_header():
    W = sparse(400, 1)
    lengths = []
    for k in range(0, 401, 50):
        W[:k] = 0
        lengths.append(code_length(W))
    assert lengths == sorted(lengths, reverse=True)
    assert code_length(np.empty((3, 0), np.float16)) == code_length(np.zeros(9, np.float16)) == 32


@pytest.mark.parametrize(
    ("W", "message"),
    [
        (np.ones(3, np.float32), "float16, got float32"),
        (np.array([1, np.nan], np.float16), "finite"),
        (np.array([1, np.inf], np.float16), "finite"),
    ],
)
def test_other_arrays_are_errors_that_say_why(W, message):
    with pytest.raises(ValueError, match=message):
        code_length(W)
