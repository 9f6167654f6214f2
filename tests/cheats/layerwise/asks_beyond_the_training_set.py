r"""Asks the oracle about rows past the training set, where held-out rows might lie.

Ends: refused
Reason: oracle\['rows'\] must lie from 0 to 199, got 200\.\.201
"""

import numpy as np


def fit(train, context):
    layer = {name: np.ones(shape) for name, shape in context.facts["shapes"].items()}
    context.oracle({**layer, "rows": np.array([200, 201])})
    return layer
