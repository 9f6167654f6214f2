"""Takes steps so long that the loss overflows.

Ends: refused
Reason: oracle: the loss or its gradient is not finite where .* take smaller steps
"""

import numpy as np


def fit(train, context):
    layer = {name: np.ones(shape) for name, shape in context.facts["shapes"].items()}
    for _ in range(100):
        gradient = context.oracle({**layer, "rows": np.arange(8)})
        layer = {name: array - 1e3 * gradient[name] for name, array in layer.items()}
    return layer
