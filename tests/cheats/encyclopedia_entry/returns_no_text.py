"""Returns bytes that are no UTF-8.

Ends: refused
Reason: must be UTF-8
"""

import numpy as np


def fit(train, context):
    return {"wikitext": np.full(500, 255, dtype=np.uint8)}
