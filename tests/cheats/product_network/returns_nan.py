r"""Returns a weight that is not a number.

Ends: refused
Reason: fit\['out.bias'\] must be finite
"""

import numpy as np

from submissions.baselines.approximation.product_network import network


def fit(train, context):
    return network([], {}, "relu") | {"out.bias": np.array([np.nan], np.float32)}
