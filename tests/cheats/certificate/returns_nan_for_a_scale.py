r"""Returns a prior one of whose scales is not a number, so that KL is none.

Ends: refused
Reason: fit\['log_sigma'\] must be finite, got 1 NaN
"""

import numpy as np

from submissions.baselines.generalization import certificate


def fit(train, context):
    mu = certificate.start(context)
    log_sigma = np.full(len(mu), -1.0)
    log_sigma[7] = np.nan
    return {"mu": mu, "log_sigma": log_sigma}
