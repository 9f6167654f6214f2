"""Greedy AdamW on layers of 16, 32 and 32 of the 64 channels that strings may have."""

from submissions.references.optimization.layerwise_adam import fit
from submissions.references.optimization.layerwise_adam import plan as adam_plan

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose a quarter of the first layer and half of the others."""
    return narrow(facts, 1 / 4, 1 / 2)


def narrow(facts, first, rest):
    """Propose AdamW's schedule on shares of the trunk's widths."""
    shares = [first] + [rest] * (len(facts["caps"]) - 1)
    widths = [round(share * cap) for share, cap in zip(shares, facts["caps"], strict=True)]
    return [candidate | {"widths": widths} for candidate in adam_plan(facts)]
