"""Handwritten digits: 1,797 scans of 8x8 pixels that scikit-learn ships.

Everybody has them, labels included: nothing that is asked about them can be kept secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datasets import Dataset


def digits_arrays() -> tuple[np.ndarray, np.ndarray]:
    """Return the digits as arrays, in scikit-learn's order.

    Returns
    -------
    X
        float32 (1797, 1, 8, 8), ink in [0, 1]: scikit-learn's 0 to 16 over 16.
    y
        int64 (1797,), the digit.

    References
    ----------
    Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository (1998); these are its 1,797 test cases, as `sklearn.datasets.load_digits` has them.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    X = (bunch.images / 16.0).astype(np.float32)[:, None]  # (n, 1, 8, 8)
    return X, bunch.target.astype(np.int64)


def digits() -> Dataset:
    """Return the digits as a Hugging Face dataset, built in memory.

    Returns
    -------
    datasets.Dataset
        1,797 rows of `image`, Array2D (8, 8) float32 in [0, 1], and `label`, ClassLabel '0' to '9'.
    """
    from datasets import Array2D, ClassLabel, Dataset, Features

    X, y = digits_arrays()
    features = Features(
        image=Array2D(shape=(8, 8), dtype="float32"),
        label=ClassLabel(names=[str(digit) for digit in range(10)]),
    )
    return Dataset.from_dict({"image": list(X[:, 0]), "label": y}, features=features)
