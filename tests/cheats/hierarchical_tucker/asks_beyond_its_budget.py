"""Asks for one entry more than it may.

Ends: refused
Reason: oracle: one fit may ask for 200,000 entries and no more
"""

import numpy as np


def fit(train, context):
    shape = context.facts["shape"]
    index = np.zeros((context.facts["budget"] // 2, len(shape)), np.uint8)
    for some in (index, index, index[:1]):
        context.oracle({"index": some})
    return {}
