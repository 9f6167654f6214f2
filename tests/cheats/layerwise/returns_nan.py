r"""Returns a layer that is not a number.

Ends: refused
Reason: fit\['W'\] must be finite
"""

import numpy as np


def fit(train, context):
    return {name: np.full(shape, np.nan) for name, shape in context.facts["shapes"].items()}
