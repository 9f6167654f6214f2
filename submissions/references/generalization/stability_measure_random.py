"""A number drawn from a recipe's outputs: naive, what chance says."""

import zlib

import numpy as np


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Draw by the outputs, so that the same recipe has the same number."""
    seeds = [zlib.crc32(np.ascontiguousarray(row).tobytes()) for row in inputs["full"]]
    return {"score": np.array([np.random.default_rng(seed).random() for seed in seeds])}
