"""The transform against the sum over characters and scipy's matrix."""

import numpy as np
import pytest
from scipy.linalg import hadamard

from harness.kernels.walsh_hadamard import walsh_hadamard


def naive(f):
    """Return the sum over all inputs of the function times every product of its bits."""
    n = len(f).bit_length() - 1
    bits = [[-1 if x >> i & 1 else 1 for i in range(n)] for x in range(len(f))]
    transform = []
    for S in range(len(f)):
        total = 0
        for x, value in enumerate(f):
            for i in range(n):
                value = value * bits[x][i] if S >> i & 1 else value
            total += value
        transform.append(total)
    return transform


@pytest.mark.parametrize("n", range(8))
def test_it_is_the_sum_over_characters(n):
    f = np.random.default_rng(n).integers(-9, 9, 2**n)
    assert walsh_hadamard(f).tolist() == naive(f.tolist())
    assert walsh_hadamard(f).dtype == np.int64


@pytest.mark.parametrize("n", [5, 6, 10, 11])
def test_it_is_the_product_with_the_matrix(n):
    f = np.random.default_rng(n).integers(-(2**20), 2**20, 2**n)
    np.testing.assert_array_equal(walsh_hadamard(f), hadamard(2**n) @ f)


def test_twice_it_multiplies_by_the_length_and_keeps_the_energy():
    f = np.random.default_rng(0).normal(size=2**13)
    F = walsh_hadamard(f)
    np.testing.assert_allclose(walsh_hadamard(F) / len(f), f, atol=1e-13)
    assert np.square(F).sum() / len(f) == pytest.approx(np.square(f).sum(), rel=1e-13)


@pytest.mark.parametrize("S", [0, 1, 0b1010, 2**14 - 1])
def test_a_character_has_one_coefficient(S):
    x = np.arange(2**14)
    chi = np.array([(-1) ** (int(one) & S).bit_count() for one in x])
    F = walsh_hadamard(chi)
    assert F[S] == 2**14
    assert np.count_nonzero(F) == 1


@pytest.mark.parametrize("size", [2**40, 2**50, 2**53])
def test_large_integers_stay_exact(size):
    """Up to and beyond where float64 would begin to round."""
    f = np.random.default_rng(0).integers(-size, size, 64)
    expected = hadamard(64).astype(object) @ f.astype(object)
    assert walsh_hadamard(f).tolist() == expected.tolist()


def test_an_odd_sum_just_beyond_float64_is_not_rounded():
    f = np.array([2**53, 1])
    assert walsh_hadamard(f).tolist() == [2**53 + 1, 2**53 - 1]


def test_every_row_is_transformed_and_the_argument_is_left_alone():
    for f in (
        np.random.default_rng(0).integers(-9, 9, (2, 3, 2**7)),
        np.random.default_rng(0).integers(-9, 9, (2, 3, 2**7)) * 2**50,
        np.random.default_rng(0).normal(size=(2, 3, 2**7)),
    ):
        before = f.copy()
        F = walsh_hadamard(f)
        np.testing.assert_array_equal(f, before)
        for i in range(2):
            for j in range(3):
                np.testing.assert_allclose(F[i, j], walsh_hadamard(f[i, j]), rtol=1e-13)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.uint64])
def test_small_types_do_not_overflow(dtype):
    f = np.ones(2**10, dtype)
    F = walsh_hadamard(f)
    assert F.dtype == np.int64
    assert F[0] == 2**10 and not F[1:].any()


def test_arrays_that_run_backwards_or_skip_are_taken():
    f = np.random.default_rng(0).integers(-9, 9, 2**7)
    np.testing.assert_array_equal(walsh_hadamard(f[::-1]), walsh_hadamard(f[::-1].copy()))
    np.testing.assert_array_equal(walsh_hadamard(f[::2]), walsh_hadamard(f[::2].copy()))
    large = f * 2**50
    np.testing.assert_array_equal(walsh_hadamard(large[::-2]), walsh_hadamard(large[::-2].copy()))


def test_what_has_no_transform_is_an_error_that_says_why():
    for shape in ((3,), (4, 6), (0,), ()):
        with pytest.raises(ValueError, match="length of 2"):
            walsh_hadamard(np.ones(shape))
    with pytest.raises(TypeError, match="got complex128"):
        walsh_hadamard(np.ones(2, complex))
    with pytest.raises(ValueError, match="below 2"):
        walsh_hadamard(np.array([2**62, 2**62]))
    with pytest.raises(ValueError, match="below 2"):
        walsh_hadamard(np.array([2**63, 0], np.uint64))
