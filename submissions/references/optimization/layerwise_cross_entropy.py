"""Greedy AdamW on the cross-entropy."""

from submissions.references.optimization.layerwise_adam import fit
from submissions.references.optimization.layerwise_adam import plan as adam_plan

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose AdamW's schedule with the other loss."""
    return [candidate | {"loss": "ce"} for candidate in adam_plan(facts)]
