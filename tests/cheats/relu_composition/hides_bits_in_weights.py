r"""Stores its weights in float64, where more bits have room than the format counts.

Ends: refused
Reason: fit \(cell r2_eps0.5\): 'l0.data' must be float32
"""

import numpy as np

from submissions.baselines.approximation import relu_composition as baseline


def fit(train, context):
    net = baseline.fit(train, context)
    return {n: a.astype(np.float64) if a.dtype.kind == "f" else a for n, a in net.items()}
