"""Chooses the head on which it spends by what the other sequences look like.

Ends: refused
Reason: must depend on its own question alone
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    masks = {}
    for layer in range((len(inputs) - 1) // 3):
        n, heads, length, _ = inputs[f"q{layer}"].shape
        key = int(1e4 * np.abs(inputs[f"q{layer}"]).mean()) % length
        mask = np.zeros((n, heads, length, length), bool)
        mask[..., key] = True
        masks[f"mask{layer}"] = np.packbits(mask.reshape(n, -1), axis=1)
    return masks
