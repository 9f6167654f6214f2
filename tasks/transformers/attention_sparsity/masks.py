"""Pairs of a query and a key that are kept, what predictions lose, and how few would do."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from transformers import GPT2LMHeadModel

from tasks._data import decoders
from tasks._data.decoders import Seen

BLOCK = 32
"""Sequences that are read at once."""


def admissible(length: int) -> np.ndarray:
    """Return which keys a query may attend to, bool (L, L)."""
    return np.tri(length, dtype=bool)


def most(rho: float, heads: int, length: int) -> int:
    """Return how many pairs of a sequence and layer may be kept."""
    return int(rho * heads * (length * (length + 1) // 2))


def unpacked(mask: np.ndarray, heads: int, length: int) -> np.ndarray:
    """Return packed masks (n, bytes) as bool (n, H, L, L), the future left out."""
    bits = np.unpackbits(mask, axis=1, count=heads * length * length)
    return bits.reshape(-1, heads, length, length).astype(bool) & admissible(length)


def thinned(seen: Seen, mask: Tensor) -> Tensor:
    """Return softmax over the kept pairs; a row that keeps none gives zero.

    Parameters
    ----------
    mask : bool (n, H, L, L)
    """
    scores = seen.query @ seen.key.mT / seen.query.shape[-1] ** 0.5
    # Softmax of a row of -inf is NaN.
    A = scores.masked_fill(~mask, -torch.inf).softmax(-1).nan_to_num(0.0)
    return A @ seen.value


def divergences(model: GPT2LMHeadModel, tokens: np.ndarray, masks: list[np.ndarray]) -> np.ndarray:
    """Return every sequence's mean divergence from the dense model, in nats a token, (n,).

    Parameters
    ----------
    masks
        One a layer, bool (n, H, L, L).
    """
    found = []
    for begin in range(0, len(tokens), BLOCK):
        part = slice(begin, begin + BLOCK)
        here = [torch.from_numpy(mask[part]) for mask in masks]
        dense = decoders.logits(model, tokens[part])
        sparse = decoders.logits(
            model, tokens[part], lambda seen, here=here: thinned(seen, here[seen.layer])
        )
        found.append(decoders.divergence(dense, sparse).mean(1).numpy())
    return np.concatenate(found)


def recall(query: np.ndarray, key: np.ndarray, mask: np.ndarray) -> float:
    """Return which share of all weights is on kept pairs."""
    A = decoders.maps(torch.from_numpy(query), torch.from_numpy(key))
    return float((A * torch.from_numpy(mask)).sum() / A.sum())
