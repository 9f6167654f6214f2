"""SGD with weight decay."""

from submissions.baselines.optimization.min_rho import BATCH, descend, start


def fit(train, context):
    """Train by SGD with weight decay 1e-3."""
    return descend(start(train, context), train, context, batch=BATCH, decay=1e-3)
