"""Returns a hundred thousand arrays.

Ends: refused
Reason: at most 10000 arrays, got 100000
"""

import numpy as np


def fit(train, context):
    return {f"a{n}": np.zeros(1) for n in range(100_000)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
