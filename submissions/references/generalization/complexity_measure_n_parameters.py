"""The number of parameters: what counting says."""

import numpy as np


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return how many there are."""
    return {"score": np.array(float(sum(inputs[n].size for n in inputs if n not in ("x", "y"))))}
