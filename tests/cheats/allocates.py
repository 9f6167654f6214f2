"""Allocates more memory than is allowed, at once.

Ends: failed
Reason: MemoryError
"""

import numpy as np


def fit(train, context):
    return {"W": np.ones(10 << 30, dtype=np.uint8)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
