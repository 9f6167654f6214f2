"""The one precision of every measurement, whatever was measured."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

Array = np.ndarray | Tensor


def as_tensor(x: Array) -> Tensor:
    """Return `x` as a detached tensor of its own dtype and device, without a copy where it can be.

    Examples
    --------
    >>> as_tensor(np.ones(2, dtype=np.float32))
    tensor([1., 1.])
    """
    if isinstance(x, Tensor):
        return x.detach()
    # torch takes no array that runs backwards along an axis, and warns of one that it may not
    # write to: such arrays are copied.
    backwards = any(stride < 0 for stride in x.strides)
    return torch.from_numpy(np.require(x.copy() if backwards else x, None, "W"))


def as_float64(x: Array) -> Tensor:
    """Return `x` as a detached float64 tensor on the device where it lies.

    Raises
    ------
    ValueError
        If it holds NaN or infinity.

    Examples
    --------
    >>> as_float64(np.ones(2, dtype=np.float32))
    tensor([1., 1.], dtype=torch.float64)
    """
    tensor = as_tensor(x).to(torch.float64)
    # A finite sum has finite terms and costs no array of truth values.
    if not tensor.sum().isfinite() and not tensor.isfinite().all():
        raise ValueError("The array must be finite, got NaN or infinity.")
    return tensor
