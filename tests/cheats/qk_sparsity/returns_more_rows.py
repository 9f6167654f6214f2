"""Returns heads of twice the size, that say the same in other words.

Ends: refused
Reason: as many rows, at most 16, of all four of layer 0, got
"""

import numpy as np

from submissions.baselines.transformers import qk_sparsity as honest

fit = honest.fit


def predict(artifact, inputs):
    found = honest.predict(artifact, inputs)
    size = int(inputs["shape"][2])
    return {name: np.concatenate([of] * (2 * size), 1) for name, of in found.items()}
