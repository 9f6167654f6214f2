"""The bundled digits, as arrays and as a data set."""

from __future__ import annotations

import numpy as np

from tasks._data import digits, digits_arrays


def test_the_digits_come_as_images_in_the_unit_interval() -> None:
    X, y = digits_arrays()
    assert (X.shape, X.dtype) == ((1797, 1, 8, 8), np.float32)
    assert (y.shape, y.dtype) == ((1797,), np.int64)
    assert (X.min(), X.max()) == (0, 1)
    np.testing.assert_array_equal(np.unique(X * 16), np.arange(17))
    np.testing.assert_array_equal(np.unique(y), np.arange(10))


def test_the_data_set_holds_the_same_digits_under_named_classes() -> None:
    X, y = digits_arrays()
    dataset = digits()
    assert dataset.features["label"].names == [str(digit) for digit in range(10)]
    columns = dataset.with_format("numpy")[:]
    assert columns["image"].dtype == np.float32
    np.testing.assert_array_equal(columns["image"], X[:, 0])
    np.testing.assert_array_equal(columns["label"], y)


def test_the_data_set_has_the_same_fingerprint_every_time() -> None:
    assert digits()._fingerprint == digits()._fingerprint
