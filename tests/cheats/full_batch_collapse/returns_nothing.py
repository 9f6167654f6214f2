r"""Descends and returns nothing.

Ends: refused
Reason: fit \(track of updates\)\['W0'\] is missing
"""

from submissions.baselines.optimization import full_batch_collapse


def fit(train, context):
    full_batch_collapse.fit(train, context)
    return {}
