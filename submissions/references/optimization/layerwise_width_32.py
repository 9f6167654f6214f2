"""Greedy AdamW on layers of 32, 64 and 64 of the 64 channels that strings may have."""

from submissions.references.optimization.layerwise_adam import fit
from submissions.references.optimization.layerwise_width_16 import narrow

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose half of the first layer and all of the others."""
    return narrow(facts, 1 / 2, 1)
