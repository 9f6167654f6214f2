"""Scans and pictures of clothes: MNIST and FashionMNIST, 70,000 of 28x28 pixels each, from the hub.

Public, labels included; size `full` alone needs them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tasks._data.photographs import Labelled
from tasks._data.pinned import hub

MNIST: tuple[str | Path, str | None] = (
    "ylecun/mnist",
    "77f3279092a1c1579b2250db8eafed0ad422088c",
)
FASHION: tuple[str | Path, str | None] = (
    "zalando-datasets/fashion_mnist",
    "531be5e2ccc9dba0c201ad3ae567a4f3d16ecdd2",
)


def scans(source: tuple[str | Path, str | None]) -> tuple[Labelled, Labelled]:
    """Return the 60,000 for training and the 10,000 for testing, (n, 1, 28, 28) in [0, 1].

    Parameters
    ----------
    source
        `MNIST` or `FASHION`.

    Raises
    ------
    Refused
        The data are not on this machine and nothing may be sent over the network.
    """
    return _split(source, "train"), _split(source, "test")


def _split(source: tuple[str | Path, str | None], split: str) -> Labelled:
    name, revision = source
    arrays = hub(name, revision=revision, split=split, columns=("image", "label")).arrays
    return Labelled((arrays["image"] / 255).astype(np.float32), arrays["label"].astype(np.int64))
