r"""Sends points so far out that nothing can be said of them.

Ends: refused
Reason: \['points'\] must be within 1000
"""

import numpy as np


def fit(train, context):
    return {"points": np.full((3, len(train["c"])), 1e9)}
