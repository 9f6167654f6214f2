"""Keeps nothing, so that no pair needs bytes.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    masks = {}
    for layer in range((len(inputs) - 1) // 3):
        n, heads, length, _ = inputs[f"q{layer}"].shape
        masks[f"mask{layer}"] = np.zeros((n, -(-heads * length * length // 8)), np.uint8)
    return masks
