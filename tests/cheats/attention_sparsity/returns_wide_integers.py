"""Returns masks of the right shape whose bytes are none.

Ends: refused
Reason: predict..mask0.. must be uint8, got uint16
"""

from submissions.baselines.transformers import attention_sparsity as baseline


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {name: mask.astype("u2") for name, mask in baseline.predict(artifact, inputs).items()}
