r"""Returns the layers above along with its own, as if it had trained them all at once.

Ends: refused
Reason: fit \(layer 1 of hierarchy\)\['[12]/W'\] is not wanted
"""

import numpy as np


def fit(train, context):
    layer = {name: np.ones(shape) for name, shape in context.facts["shapes"].items()}
    return layer | {f"{index}/W": layer["W"] for index in (1, 2)}
