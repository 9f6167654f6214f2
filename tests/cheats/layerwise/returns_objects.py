r"""Returns arrays of objects.

Ends: refused
Reason: fit\['W'\] must be bool, integer or float, got dtype object
"""

import numpy as np


def fit(train, context):
    return {name: np.full(shape, None) for name, shape in context.facts["shapes"].items()}
