"""Gradient descent with weight decay and twice the baseline's step, which diverges on some exams."""

from submissions.baselines.optimization.full_batch_collapse import DECAY, descend

RATE = 0.2


def fit(train, context):
    """Descend."""
    return descend(train, context, lambda _, W, slope: W - RATE * (slope + DECAY * W))
