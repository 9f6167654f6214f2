"""Draws other pairs at every call.

Ends: refused
Reason: must depend on its own question alone
"""

import os

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    rng = np.random.default_rng(int.from_bytes(os.urandom(4), "little"))
    masks = {}
    for layer in range((len(inputs) - 1) // 3):
        n, heads, length, _ = inputs[f"q{layer}"].shape
        mask = rng.random((n, heads * length * length)) < 0.05
        masks[f"mask{layer}"] = np.packbits(mask, axis=1)
    return masks
