"""Keeps all pairs whatever the budget; then none are.

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
        row = np.packbits(np.ones(heads * length * length, bool))
        masks[f"mask{layer}"] = np.tile(row, (n, 1))
    return masks
