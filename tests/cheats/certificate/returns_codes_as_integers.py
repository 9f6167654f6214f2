r"""Returns coordinates as whole numbers, to be read as it pleases.

Ends: refused
Reason: fit \(posterior\)\['coordinates'\] must be float, got int8
"""

import numpy as np

from submissions.baselines.generalization import certificate


def fit(train, context):
    if context.facts["stage"] == "prior":
        return {"origin": certificate.start(context), "spread": np.array(0.1)}
    return {"coordinates": np.ones(100, np.int8)}
