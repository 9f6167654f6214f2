"""Returns more than an entry may have.

Ends: refused
Reason: must be 1 to 40000 bytes as uint8
"""

import numpy as np


def fit(train, context):
    return {"wikitext": np.full(50_000, 65, dtype=np.uint8)}
