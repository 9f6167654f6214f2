"""Returns ten gigabytes that take no memory.

Ends: refused
Reason: returned more than 256 MiB
"""

import numpy as np


def fit(train, context):
    return {"W": np.broadcast_to(np.float64(0), (5, 250_000_000))}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
