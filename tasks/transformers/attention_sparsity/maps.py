"""What maps of attention look like, head by head."""

from __future__ import annotations

import torch
from torch import Tensor

from harness.kernels import sparsity
from tasks._data import decoders

LEAST_KEYS = 8
"""Of rows whose spread is told."""


def survey(query: Tensor, key: Tensor) -> dict[str, Tensor]:
    """Return statistics of maps, each (H,): means over sequences and rows of enough keys.

    Parameters
    ----------
    query, key : (n, H, L, d_h)
    """
    A = decoders.maps(query, key)
    rows = range(LEAST_KEYS - 1, A.shape[-1])
    measures = {
        "gini": sparsity.gini,
        "hoyer": sparsity.hoyer,
        "entropy": sparsity.entropy,
        "holding": sparsity.holding,
        "sink": _first,
    }
    return {
        name: torch.stack([measure(A[:, :, i, : i + 1]) for i in rows]).mean((0, 1))
        for name, measure in measures.items()
    }


def _first(rows: Tensor) -> Tensor:
    return rows[..., 0].double()
