r"""Returns a posterior over networks of another width than its prior's.

Ends: refused
Reason: fit \(posterior\)\['mu'\] must have shape \(1988,\), got \(555,\)
"""

import numpy as np

from submissions.baselines.generalization import certificate


def fit(train, context):
    if context.facts["stage"] == "prior":
        return certificate.prior(context, 0.3)
    return {"mu": np.zeros(555), "log_sigma": np.array(-1.0)}
