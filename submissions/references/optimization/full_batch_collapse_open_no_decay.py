"""Naive: SGD without weight decay, sixteen samples in every step."""

from submissions.baselines.optimization.full_batch_collapse import RATE, descend
from submissions.baselines.optimization.full_batch_collapse_open import BATCH

DIVISION = "open"


def fit(train, context):
    """Descend."""
    return descend(train, context, lambda _, W, slope: W - RATE * slope, BATCH)
