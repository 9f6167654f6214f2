r"""Hands the first layer in again when asked for the second, to have it replaced.

Ends: refused
Reason: fit \(layer 2 of hierarchy\)\['0/W'\] is not wanted
"""

import numpy as np


def fit(train, context):
    layer = {name: np.ones(shape) for name, shape in context.facts["shapes"].items()}
    return layer if context.facts["layer"] == 0 else layer | {"0/W": layer["W"]}
