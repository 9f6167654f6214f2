"""Greedy AdamW with every head fixed to a simplex equiangular tight frame; only its scale learns.

After Yang et al., arXiv 2203.09081, who fix the last layer's classifier of a whole network.
"""

from submissions.references.optimization.layerwise_adam import fit
from submissions.references.optimization.layerwise_adam import plan as adam_plan

__all__ = ["fit", "plan"]


def plan(facts):
    """Propose the fixed head."""
    return [candidate | {"head": "etf"} for candidate in adam_plan(facts)]
