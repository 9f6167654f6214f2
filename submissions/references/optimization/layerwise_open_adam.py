"""The open division's greedy training with AdamW."""

import torch

from submissions.baselines.optimization.layerwise_open import descend
from submissions.references.optimization.layerwise_adam import plan

__all__ = ["fit", "plan"]

DIVISION = "open"


def fit(train, context):
    """Train one layer by AdamW."""
    return descend(train, context, adamw)


def adamw(parameters, hyper):
    """Return torch's AdamW."""
    return torch.optim.AdamW(parameters, hyper["rate"], weight_decay=hyper["decay"])
