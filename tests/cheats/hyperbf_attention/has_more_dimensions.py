"""Returns heads of one dimension more, to say what keys' lengths say.

Ends: refused
Reason: as many rows, 1 to 16, of all maps of layer 0, got
"""

import numpy as np

from submissions.baselines.transformers import hyperbf_attention as honest


def fit(train, context):
    found = honest.fit(train, context)
    return {name: np.concatenate([of, of[:, :1]], 1) for name, of in found.items()}
