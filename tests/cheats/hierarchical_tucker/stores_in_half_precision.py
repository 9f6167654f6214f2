"""Stores the baseline's trees in 16 bits: fewer bytes, and as many entries as before.

Ends: ok
"""

import numpy as np

from submissions.baselines.approximation import hierarchical_tucker as baseline


def fit(train, context):
    tree = baseline.fit(train, context)
    return {n: a.astype(np.float16) if a.dtype.kind == "f" else a for n, a in tree.items()}
