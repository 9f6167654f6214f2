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


def share_needed(shares: np.ndarray, losses: np.ndarray, epsilon: float) -> float:
    """Return the share of pairs at which `epsilon` is lost, from shares that were tried.

    Between two shares logarithms are interpolated; below the smallest nothing is known, so that is
    the least that is returned.

    Parameters
    ----------
    shares, losses : (k,)
        Ascending shares, the last 1; losses above 0, the last below `epsilon`.

    Examples
    --------
    >>> float(share_needed(np.array([0.25, 0.5, 1.0]), np.array([0.4, 0.1, 0.025]), 0.05))
    0.7071067811865476
    """
    above = np.flatnonzero(losses > epsilon)
    if not len(above):
        return float(shares[0])
    i = above[-1]
    x, y = np.log(shares[i : i + 2]), np.log(losses[i : i + 2])
    return float(np.exp(x[0] + (x[1] - x[0]) * (y[0] - np.log(epsilon)) / (y[0] - y[1])))
