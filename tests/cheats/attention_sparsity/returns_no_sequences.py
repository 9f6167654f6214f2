"""Returns masks of no sequence at all.

Ends: refused
Reason: predict..mask0.. must have shape
"""

from submissions.baselines.transformers import attention_sparsity as baseline


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {name: mask[:0] for name, mask in baseline.predict(artifact, inputs).items()}
