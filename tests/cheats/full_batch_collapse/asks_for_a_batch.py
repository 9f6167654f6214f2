r"""Asks about sixteen samples in the division of all samples.

Ends: refused
Reason: oracle\['batch'\] is not wanted in the full-batch division
"""

from submissions.baselines.optimization.full_batch_collapse import descend


def fit(train, context):
    return descend(train, context, lambda _, W, slope: W - 0.1 * slope, 16)
