r"""Returns an array that nobody asked for.

Ends: refused
Reason: \['notes'\] is not wanted
"""

import numpy as np


def fit(train, context):
    return {"points": np.zeros((1, len(train["c"]))), "notes": np.zeros(3)}
