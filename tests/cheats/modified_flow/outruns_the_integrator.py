"""Makes v follow -G so fast that no step of the integrator is small enough.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.optimization import modified_flow


def fit(train, context):
    return modified_flow.fit(train, context) | {"rates": np.array([[0, 1, 0], [0, -1e6, -1e6]])}
