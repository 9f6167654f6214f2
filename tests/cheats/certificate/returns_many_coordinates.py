r"""Returns more coordinates than its network has parameters.

Ends: refused
Reason: fit \(posterior\)\['coordinates'\] may be 1 to 1000 numbers, got 2000
"""

import numpy as np

from submissions.baselines.generalization import certificate


def fit(train, context):
    if context.facts["stage"] == "prior":
        return {"origin": certificate.start(context), "spread": np.array(0.1)}
    return {"coordinates": np.ones(2000)}
