"""Photographs: CIFAR-10, 60,000 pictures of 32x32 pixels in ten classes, from the hub.

Public, labels included; size `full` alone needs it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from tasks._data.pinned import hub

CIFAR10: str | Path = "uoft-cs/cifar10"
REVISION: str | None = "0b2714987fa478483af9968de7c934580d0bb9a2"


class Labelled(NamedTuple):
    """Pictures and what is on them."""

    X: np.ndarray  # float32 (n, 3, 32, 32), brightness in [0, 1]
    y: np.ndarray  # int64 (n,), the class


def cifar10() -> tuple[Labelled, Labelled]:
    """Return the 50,000 pictures for training and the 10,000 for testing, in the hub's order.

    Raises
    ------
    Refused
        The data are not on this machine and nothing may be sent over the network.

    References
    ----------
    A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report,
    University of Toronto (2009). Not checked against the source.
    """
    return _split("train"), _split("test")


def _split(split: str) -> Labelled:
    arrays = hub(CIFAR10, revision=REVISION, split=split, columns=("img", "label")).arrays
    return Labelled((arrays["img"] / 255).astype(np.float32), arrays["label"])
