"""Naive: random layers, least-squares heads. What comes without learning any features."""

import numpy as np

from submissions.baselines.optimization.layerwise import start


def plan(facts):
    """Propose heads that the task solves for."""
    return [{"head": "ridge"}]


def fit(train, context):
    """Return a layer as it was drawn."""
    facts = context.facts
    rng = np.random.default_rng([context.seed, facts["stage"], facts["layer"]])
    layer = start(facts["shapes"], rng)
    return {"W": layer["W"], "b": layer["b"]}
