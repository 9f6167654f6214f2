"""Takes twenty steps of descent in every right-hand side.

Ends: refused
Reason: at most 16 stages, got 20
"""

from submissions.references.optimization.modified_flow_log3 import series


def fit(train, context):
    return series(20)
