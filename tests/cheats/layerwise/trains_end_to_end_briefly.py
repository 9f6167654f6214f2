"""Trains the rest of the network in secret at every call, in a third of the epochs, as greedy does.

Ends: ok, in the open division, where no rule is broken.
"""

from submissions.baselines.optimization.layerwise_open import descend, sgd
from submissions.baselines.optimization.layerwise_open import plan as open_plan

DIVISION = "open"


def plan(facts):
    (candidate,) = open_plan(facts)
    hyper = candidate["hyper"]
    return [{"hyper": hyper | {"epochs": hyper["epochs"] / 3}}]


def fit(train, context):
    return descend(train, context, sgd, depth=len(context.facts["trunk"]))
