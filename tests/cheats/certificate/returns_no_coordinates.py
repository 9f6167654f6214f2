r"""Returns an empty array, whose code would cost next to nothing.

Ends: refused
Reason: fit \(posterior\)\['coordinates'\] may be 1 to 1000 numbers, got 0
"""

import numpy as np

from submissions.baselines.generalization import certificate


def fit(train, context):
    if context.facts["stage"] == "prior":
        return {"origin": certificate.start(context), "spread": np.array(0.1)}
    return {"coordinates": np.ones(0)}
