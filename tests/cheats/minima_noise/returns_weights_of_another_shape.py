r"""Returns a point with a weight too few.

Ends: refused
Reason: \['points'\] must have shape
"""

import numpy as np


def fit(train, context):
    return {"points": np.zeros((1, len(train["c"]) - 1))}
