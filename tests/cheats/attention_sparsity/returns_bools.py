"""Returns masks that are not packed.

Ends: refused
Reason: predict..mask0.. must have shape
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {
        f"mask{layer}": np.ones((*inputs["q0"].shape[:3], inputs["q0"].shape[2]), bool)
        for layer in range((len(inputs) - 1) // 3)
    }
