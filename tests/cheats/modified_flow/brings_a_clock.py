"""Adds an array that is to be the time.

Ends: refused
Reason: 'time' is no array of this equation
"""

import numpy as np

from submissions.baselines.optimization import modified_flow


def fit(train, context):
    return modified_flow.fit(train, context) | {"time": np.arange(61.0)}
