"""Conversion to the precision of measurement."""

import numpy as np
import pytest
import torch

from harness.kernels.float64 import as_float64


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
def test_every_dtype_becomes_float64_with_the_same_values(dtype):
    values = np.array([[1, 2], [3, 4]], dtype)
    for x in (values, torch.from_numpy(values)):
        converted = as_float64(x)
        assert converted.dtype == torch.float64
        np.testing.assert_array_equal(converted, values)


def test_a_read_only_array_is_accepted_without_a_warning():
    values = np.ones(3)
    values.flags.writeable = False
    assert as_float64(values).sum() == 3


def test_the_result_is_detached():
    assert not as_float64(torch.ones(2, requires_grad=True)).requires_grad


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_errors(bad):
    with pytest.raises(ValueError, match="finite"):
        as_float64(np.array([1.0, bad]))


def test_an_array_that_runs_backwards_is_taken():
    forwards = np.arange(6.0).reshape(2, 3)
    assert as_float64(forwards[::-1, ::-1]).tolist() == [[5, 4, 3], [2, 1, 0]]
    assert forwards[0, 0] == 0
