r"""Asks for entries past the end of the first mode.

Ends: refused
Reason: oracle\['index'\] must lie inside a tensor of shape
"""

import numpy as np


def fit(train, context):
    shape = context.facts["shape"]
    context.oracle({"index": np.full((1, len(shape)), shape[0], np.uint8)})
    return {}
