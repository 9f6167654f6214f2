r"""Returns a point that is not a number.

Ends: refused
Reason: \['points'\] must be finite
"""

import numpy as np


def fit(train, context):
    return {"points": np.full((1, len(train["c"])), np.nan)}
