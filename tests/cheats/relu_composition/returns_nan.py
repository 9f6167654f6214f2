r"""Returns a network with a bias that is not a number.

Ends: refused
Reason: fit\['out.bias'\] must be finite
"""

import numpy as np

from submissions.baselines.approximation import relu_composition as baseline


def fit(train, context):
    return baseline.fit(train, context) | {"out.bias": np.array([np.nan], np.float32)}
