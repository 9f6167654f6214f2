r"""Multiplies by ten thousand, layer after layer, until the values are not finite.

Ends: refused
Reason: fit \(cell r2_eps0.5\): the network's values must be finite
"""

import numpy as np


def fit(train, context):
    d = context.facts["d"]
    net = {"act": np.zeros(1, np.uint8)}
    for k in range(100):
        net |= {
            f"l{k}.indptr": np.array([0, 1], np.int32),
            f"l{k}.indices": np.array([0 if k == 0 else d + k - 1], np.int32),
            f"l{k}.data": np.array([1e4], np.float32),
            f"l{k}.bias": np.ones(1, np.float32),
        }
    return net | {
        "out.indices": np.array([d + 99], np.int32),
        "out.data": np.ones(1, np.float32),
        "out.bias": np.zeros(1, np.float32),
    }
