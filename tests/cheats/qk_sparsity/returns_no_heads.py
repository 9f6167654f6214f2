"""Returns weights of no head.

Ends: refused
Reason: must have shape
"""

from submissions.baselines.transformers import qk_sparsity as honest

fit = honest.fit


def predict(artifact, inputs):
    return {name: of[:0] for name, of in honest.predict(artifact, inputs).items()}
