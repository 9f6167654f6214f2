"""The baseline's equation from x'(0) = 0: what the initial velocity is worth."""

import numpy as np

from submissions.baselines.optimization import modified_flow


def fit(train, context):
    """Return the equation."""
    return modified_flow.fit(train, context) | {"start": np.zeros(3)}
