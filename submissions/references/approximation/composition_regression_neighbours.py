"""Naive: the mean of the k nearest neighbours, k chosen by leaving one out; it keeps every sample.

Its rate is that of all eight variables, whatever the function is composed of.
"""

import numpy as np
from scipy.spatial import cKDTree

CHOICES = (1, 2, 4, 8, 12, 16, 24, 32)


def fit(train, context):
    """Choose k by the error on every sample, itself left out."""
    x, y = train["x"], train["y"]
    rows = cKDTree(x).query(x, max(CHOICES) + 1)[1][:, 1:]
    means = np.cumsum(y[rows], axis=1) / np.arange(1, max(CHOICES) + 1)
    errors = [np.square(means[:, k - 1] - y).mean() for k in CHOICES]
    return {"x": x, "y": y, "k": np.array(CHOICES[int(np.argmin(errors))])}


def predict(artifact, inputs):
    """Average over the neighbours."""
    k = int(artifact["k"])
    rows = cKDTree(artifact["x"]).query(inputs["x"], k)[1].reshape(-1, k)
    return {"y": artifact["y"][rows].mean(1)}
