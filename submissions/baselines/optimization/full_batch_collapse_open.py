"""SGD with weight decay, sixteen samples in every step."""

from submissions.baselines.optimization.full_batch_collapse import DECAY, RATE, descend

DIVISION = "open"
BATCH = 16


def fit(train, context):
    """Descend."""
    return descend(train, context, lambda _, W, slope: W - RATE * (slope + DECAY * W), BATCH)
