r"""Hides a message in weights of enormous size.

Ends: refused
Reason: \['[WbA]'\] must stay within 10000 in absolute value
"""

import numpy as np


def fit(train, context):
    return {name: np.full(shape, 1.1e4) for name, shape in context.facts["shapes"].items()}
