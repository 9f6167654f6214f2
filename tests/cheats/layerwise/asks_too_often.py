"""Asks for more gradients than a call may.

Ends: refused
Reason: oracle: one fit may ask for 400 gradients a sample and no more
"""

import numpy as np


def plan(facts):
    return [{"widths": [2]}]


def fit(train, context):
    layer = {name: np.ones(shape) for name, shape in context.facts["shapes"].items()}
    rows = np.arange(context.facts["n_samples"])
    for _ in range(context.facts["epochs_allowed"] + 1):
        context.oracle({**layer, "rows": rows})
    return layer
