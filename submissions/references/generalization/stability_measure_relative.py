"""The change of outputs at samples that a network was not taught, relative to the outputs."""

import numpy as np

from submissions.baselines.generalization.stability_measure import left_out


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return |full - rep| / |full|, each over all samples."""
    full = inputs["full"].astype(np.float64)
    change = np.linalg.norm(left_out(inputs) - full, axis=(1, 2))
    return {"score": change / np.linalg.norm(full, axis=(1, 2))}
