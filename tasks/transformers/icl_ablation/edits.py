"""Attention whose weights are multiplied row by row and key by key, and how much of it that moves.

Who edits sees neither tokens nor places: it is a function of a row's scores, or of a key's length.
It is handed in as a function, so that one can ask for it where it lives, or play it back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from transformers import GPT2LMHeadModel

from tasks._data import decoders
from tasks._data.decoders import Seen

LARGEST = 20.0
"""Of a weight's logarithm: a row that was not shown may be far above the mean of shown ones."""

Edit = Callable[[int, Tensor, Tensor], tuple[Tensor, Tensor]]
"""(layer, scores (n, H, L, L) with -inf for the future, lengths of keys (n, H, L)) -> logarithms of
what rows are divided by and of what keys weigh, each float32 (n, H, L)."""


@dataclass
class Edited:
    """What a model does under an edit."""

    logits: Tensor = field(default_factory=lambda: torch.empty(0))
    """(n, L, V)."""
    maps: list[Tensor] = field(default_factory=list)
    """Of each layer, (n, H, L, L), as edited."""
    plain: list[Tensor] = field(default_factory=list)
    """Softmax of the same scores."""

    def moved(self) -> np.ndarray:
        """Return half of the weights' absolute change, mean over layers, heads and rows, (n,)."""
        layers = [
            (one - other).abs().sum(-1).mean((1, 2)) / 2
            for one, other in zip(self.maps, self.plain, strict=True)
        ]
        found: np.ndarray = torch.stack(layers).mean(0).numpy()
        return found


def edited(
    model: GPT2LMHeadModel, tokens: np.ndarray, n_shown: int, t: float, edit: Edit
) -> Edited:
    """Run the model with the share t of an edit.

    Parameters
    ----------
    tokens : (n, L)
        The first `n_shown` sequences are those over which a head's mean row sums to 1.
    """
    found = Edited()

    def attend(seen: Seen) -> Tensor:
        scores = decoders.scores(seen.query, seen.key)
        divisor, weight = edit(seen.layer, scores, seen.key.norm(dim=-1))
        A = weights(scores, t * divisor, t * weight, n_shown)
        found.maps.append(A)
        found.plain.append(scores.softmax(-1))
        return A @ seen.value

    found.logits = decoders.logits(model, tokens, attend)
    return found


def weights(scores: Tensor, divisor: Tensor, weight: Tensor, n_shown: int) -> Tensor:
    """Return softmax times exp(weight of the key - divisor of the row), scaled head by head.

    One constant a head: over shown sequences the mean row sums to 1, so that an edit cannot switch
    a head off. It is found among logarithms, where nothing overflows.
    """
    logs = scores.log_softmax(-1) + (weight[:, :, None] - divisor[..., None])
    shown = logs[:n_shown].logsumexp(-1).double()  # of the rows' sums, (n_shown, H, L)
    mean = shown.transpose(0, 1).flatten(1).logsumexp(1) - math.log(shown[:, 0].numel())
    return (logs - mean[:, None, None].to(logs.dtype)).clamp(max=LARGEST).exp()
