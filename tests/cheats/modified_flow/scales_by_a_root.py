"""Takes the step size to a power that is no whole number.

Ends: refused
Reason: 'powers' must be whole numbers from -2 to 2
"""

import numpy as np

from submissions.baselines.optimization import modified_flow


def fit(train, context):
    return modified_flow.fit(train, context) | {"powers": np.array([0, 0.5])}
