"""Returns a map for values, which are the model's own.

Ends: refused
Reason: is not wanted
"""

from submissions.baselines.transformers import hyperbf_attention as honest


def fit(train, context):
    found = honest.fit(train, context)
    return {**found, "V0": found["B0"]}
