"""Returns a letter in four bytes.

Ends: refused
Reason: must be 1 to 40000 bytes as uint8
"""

import numpy as np


def fit(train, context):
    return {"wikitext": np.array([65, 66], dtype=np.uint32)}
