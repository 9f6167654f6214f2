"""Returns queries of fewer rows than centers.

Ends: refused
Reason: as many rows, 1 to 16, of all maps of layer 0, got
"""

from submissions.baselines.transformers import hyperbf_attention as honest


def fit(train, context):
    found = honest.fit(train, context)
    return {name: of[:, : of.shape[1] - ("a" in name.lower())] for name, of in found.items()}
