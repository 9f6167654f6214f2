"""Returns no mask for the second layer.

Ends: refused
Reason: predict..mask1.. is missing
"""

from submissions.baselines.transformers import attention_sparsity as baseline


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"mask0": baseline.predict(artifact, inputs)["mask0"]}
