"""The mean change of probabilities at samples that a network was not taught."""

import numpy as np


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return the mean of |softmax(full) - softmax(rep)|_1 over samples."""
    full, missing = softmax(inputs["full"]), softmax(left_out(inputs))
    return {"score": np.abs(full - missing).sum(2).mean(1)}


def left_out(inputs):
    """Return each sample's outputs of the network that was taught without it, (m, n, C)."""
    return np.take_along_axis(inputs["reps"], inputs["fold"][:, None, :, None], 1)[:, 0]


def softmax(logits):
    """Return probabilities."""
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)
