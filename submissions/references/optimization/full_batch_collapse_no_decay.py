"""Naive: gradient descent without weight decay."""

from submissions.baselines.optimization.full_batch_collapse import RATE, descend


def fit(train, context):
    """Descend."""
    return descend(train, context, lambda _, W, slope: W - RATE * slope)
