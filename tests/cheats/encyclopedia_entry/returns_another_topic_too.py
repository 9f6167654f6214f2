"""Returns an entry for a second topic.

Ends: refused
Reason: is not wanted
"""

import numpy as np


def fit(train, context):
    text = np.full(500, 65, dtype=np.uint8)
    return {"wikitext": text, "vc_dimension": text}
