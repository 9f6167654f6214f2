r"""Returns more weights than a network may have, though all of them are zero.

Ends: refused
Reason: fit \(cell r2_eps0.5\): a network may have 2,000,000 weights
"""

import numpy as np


def fit(train, context):
    n = 2_000_001
    return {
        "act": np.zeros(1, np.uint8),
        "l0.indptr": np.zeros(n + 1, np.int32),
        "l0.indices": np.zeros(0, np.int32),
        "l0.data": np.zeros(0, np.float32),
        "l0.bias": np.zeros(n, np.float32),
        "out.indices": np.zeros(0, np.int32),
        "out.data": np.zeros(0, np.float32),
        "out.bias": np.zeros(1, np.float32),
    }
