"""Churn: how often the predicted class changes at samples that a network was not taught."""

from submissions.baselines.generalization.stability_measure import left_out


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return the share of samples."""
    return {"score": (left_out(inputs).argmax(2) != inputs["full"].argmax(2)).mean(1)}
