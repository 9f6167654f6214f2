"""Returns NaN for where queries stand.

Ends: refused
Reason: finite
"""

import numpy as np

from submissions.baselines.transformers import hyperbf_attention as honest


def fit(train, context):
    found = honest.fit(train, context)
    return {**found, "ua0": np.full_like(found["ua0"], np.nan)}
