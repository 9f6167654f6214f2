r"""Returns a note for its later self beside the dense network.

Ends: refused
Reason: fit \(dense\)\['note'\] is not wanted
"""

from submissions.baselines.generalization import pruning as baseline


def fit(train, context):
    return {**baseline.fit(train, context), "note": train["X"]}
