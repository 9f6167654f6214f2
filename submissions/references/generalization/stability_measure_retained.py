"""Churn at samples that both networks were taught: the tempting, wrong definition."""

import numpy as np


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return the share of folds and samples outside of them whose predicted class changes."""
    changed = inputs["reps"].argmax(3) != inputs["full"].argmax(2)[:, None]
    n_folds = inputs["reps"].shape[1]
    kept = inputs["fold"][:, None] != np.arange(n_folds)[:, None]
    return {"score": (changed & kept).sum((1, 2)) / kept.sum((1, 2))}
