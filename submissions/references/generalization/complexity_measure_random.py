"""A number drawn from the weights: naive, what chance says."""

import zlib

import numpy as np


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Draw by the first bias and weights, so that the same network has the same number."""
    seed = zlib.crc32(b"".join(inputs[name].tobytes() for name in sorted(inputs)))
    return {"score": np.array(np.random.default_rng(seed).random())}
