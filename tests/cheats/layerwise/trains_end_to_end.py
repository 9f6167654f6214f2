"""Trains the whole network in secret at every call and keeps the layer that it is asked for.

Ends: ok, in the open division, where no rule is broken.
"""

from submissions.baselines.optimization.layerwise_open import descend, plan, sgd

__all__ = ["fit", "plan"]

DIVISION = "open"


def fit(train, context):
    return descend(train, context, sgd, depth=len(context.facts["trunk"]))
