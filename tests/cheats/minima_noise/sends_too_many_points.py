r"""Sends every start of a long search.

Ends: refused
Reason: \['points'\] may hold at most 512, got 1000
"""

import numpy as np


def fit(train, context):
    return {"points": np.zeros((1000, len(train["c"])))}
