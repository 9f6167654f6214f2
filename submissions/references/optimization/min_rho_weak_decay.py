"""SGD with less weight decay."""

from submissions.baselines.optimization.min_rho import BATCH, descend, start


def fit(train, context):
    """Train by SGD with weight decay 3e-4."""
    return descend(start(train, context), train, context, batch=BATCH, decay=3e-4)
