"""Returns maps of no row.

Ends: refused
Reason: as many rows, 1 to 16
"""

from submissions.baselines.transformers import hyperbf_attention as honest


def fit(train, context):
    return {name: of[:, :0] for name, of in honest.fit(train, context).items()}
