"""What a model still knows from the context, and what from its weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tasks._data.triggers import Triggers


@dataclass(frozen=True)
class Losses:
    """Of every sequence the sum over its places, and their number, (n, 2) each.

    First what stands in the context, the negative logarithm of the answer's probability; then what
    is in the weights, the divergence from the known law. Both in nats.
    """

    sums: np.ndarray
    counts: np.ndarray

    def means(self, rows: slice | np.ndarray) -> np.ndarray:
        """Return both means over all places of some sequences, (2,)."""
        found: np.ndarray = self.sums[rows].sum(0) / self.counts[rows].sum(0)
        return found


def losses(world: Triggers, tokens: np.ndarray, logits: Tensor) -> Losses:
    """Return what the logits (n, L, V) lose on both."""
    logs = logits.double().log_softmax(-1).numpy()
    context, free = world.in_context(tokens), world.in_weights(tokens)
    told = np.zeros(tokens.shape)
    told[:, :-1] = -np.take_along_axis(logs[:, :-1], tokens[:, 1:, None], 2)[..., 0]
    law = world.law(tokens)
    law[~free] = 1  # any: they do not count
    diverged = (law * (np.log(law) - logs)).sum(-1)
    sums = [(told * context).sum(1), (diverged * free).sum(1)]
    return Losses(np.stack(sums, 1), np.stack([context.sum(1), free.sum(1)], 1))


def ignorant(world: Triggers, tokens: np.ndarray) -> np.ndarray:
    """Return what is lost by who knows neither, (2,): chance, and one law for all places."""
    free = world.in_weights(tokens)
    law = world.law(tokens)[free]
    divergence = (law * np.log(law / law.mean(0))).sum(1).mean()
    return np.array([np.log(world.n_tokens - world.n_triggers), divergence])


def left(lost: np.ndarray, dense: np.ndarray, none: np.ndarray) -> np.ndarray:
    """Return a and w, the shares of both skills that are left, from 0 to 1, (..., 2).

    Parameters
    ----------
    lost, dense, none : (..., 2)
        Mean losses of the edited model, of the model as it was, of who knows neither.
    """
    return np.clip(1 - (lost - dense) / (none - dense), 0, 1)


def selectivity(share: np.ndarray) -> np.ndarray:
    """Return S = w (1 - a), of shares (..., 2): 1 where all of a is gone and w is whole."""
    found: np.ndarray = share[..., 1] * (1 - share[..., 0])
    return found


def followed(tokens: np.ndarray) -> Tensor:
    """Return which keys follow an earlier token like the row's own, bool (n, L, L)."""
    same = torch.from_numpy(tokens[:, :, None] == tokens[:, None, :])
    after = torch.zeros_like(same)
    after[:, :, 2:] = same[:, :, 1:-1]  # what follows the first place is not bound
    return after.tril()
