"""Returns the middle of the function's values at the probes, whatever the point.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    middle = (train["probe_y"].min() + train["probe_y"].max()) / 2
    return {
        "act": np.zeros(1, np.uint8),
        "out.indices": np.zeros(0, np.int32),
        "out.data": np.zeros(0, np.float32),
        "out.bias": np.array([middle], np.float32),
    }
