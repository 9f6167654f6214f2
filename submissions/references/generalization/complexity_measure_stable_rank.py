"""The sum of the layers' stable ranks, |W|_F^2 / |W|_2^2."""

import numpy as np

from submissions.baselines.generalization.complexity_measure import layers


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return the sum."""
    return {"score": np.array(sum(stable_rank(W) for W in layers(inputs)))}


def stable_rank(W):
    """Return that of a matrix; of filters, that of all of them in a row."""
    s = np.linalg.svd(W.reshape(-1, W.shape[-1]), compute_uv=False)
    return float((s**2).sum() / s[0] ** 2)
