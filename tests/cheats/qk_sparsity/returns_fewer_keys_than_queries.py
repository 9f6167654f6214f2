"""Returns keys of fewer rows than queries.

Ends: refused
Reason: as many rows, at most 16, of all four of layer 0, got
"""

from submissions.baselines.transformers import qk_sparsity as honest

fit = honest.fit


def predict(artifact, inputs):
    found = honest.predict(artifact, inputs)
    return {name: of[:, : len(of[0]) - ("k" in name)] for name, of in found.items()}
