"""The ridge correction of variance and kurtosis alone: quantiles are a Gaussian's."""

import numpy as np

from submissions.references.optimization import sgd_noise_ridge as ridge


def fit(train, context):
    """Correct all targets, then forget the correction of the quantiles."""
    artifact = ridge.fit(train, context)
    return {**artifact, "W": artifact["W"][:, :2]}


def predict(artifact, inputs):
    """Answer the theory and its correction."""
    W = artifact["W"]
    none = np.zeros((len(W), len(artifact["quantiles"])), W.dtype)
    return ridge.predict({**artifact, "W": np.concatenate([W, none], 1)}, inputs)
