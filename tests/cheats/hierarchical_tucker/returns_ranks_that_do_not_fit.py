r"""Returns a frame with a column more than its parent takes.

Ends: refused
Reason: fit \(cell 0\): 'node\d+.data' must have shape \(2, 1, any\), got \(1, 1, 1\)
"""

import numpy as np

from submissions.baselines.approximation.hierarchical_tucker import constant


def fit(train, context):
    shape = context.facts["shape"]
    return constant(shape, 1.0) | {"node0.data": np.ones((shape[0], 2))}
