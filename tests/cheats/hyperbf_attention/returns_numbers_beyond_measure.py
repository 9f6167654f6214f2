"""Returns maps so large that no squared distance is a number.

Ends: refused
Reason: must have no number above 10000
"""

import numpy as np

from submissions.baselines.transformers import hyperbf_attention as honest


def fit(train, context):
    found = honest.fit(train, context)
    return {name: of.astype(np.float64) * 1e200 for name, of in found.items()}
