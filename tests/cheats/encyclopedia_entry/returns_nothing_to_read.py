"""Returns an empty entry.

Ends: refused
Reason: must be 1 to 40000 bytes as uint8
"""

import numpy as np


def fit(train, context):
    return {"wikitext": np.zeros(0, dtype=np.uint8)}
