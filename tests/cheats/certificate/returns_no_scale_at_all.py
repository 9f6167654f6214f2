r"""Returns a posterior of sigma 0, whose logarithm is minus infinity.

Ends: refused
Reason: fit\['log_sigma'\] must be finite, got 1 NaN or infinite
"""

import numpy as np

from submissions.baselines.generalization import certificate


def fit(train, context):
    if context.facts["stage"] == "prior":
        return certificate.prior(context, 0.3)
    return {"mu": train["prior/mu"], "log_sigma": np.array(-np.inf)}
