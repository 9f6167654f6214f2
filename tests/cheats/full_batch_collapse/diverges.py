"""Takes steps that are far too large.

Ends: refused
Reason: the training diverged, take smaller steps
"""

from submissions.baselines.optimization.full_batch_collapse import descend


def fit(train, context):
    return descend(train, context, lambda _, W, slope: W - 1e3 * slope)
