"""Returns a weight that the model does not have.

Ends: refused
Reason: is not wanted
"""

from submissions.baselines.transformers import qk_sparsity as honest

fit = honest.fit


def predict(artifact, inputs):
    found = honest.predict(artifact, inputs)
    return {**found, "v0": found["q0"]}
