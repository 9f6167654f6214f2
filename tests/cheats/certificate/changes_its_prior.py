r"""Returns another prior once it has seen the sample: one around the trained network.

Ends: refused
Reason: fit \(posterior\)\['prior/mu'\] is not wanted
"""

import numpy as np

from submissions.baselines.generalization import certificate, certificate_open


def fit(train, context):
    if context.facts["stage"] == "prior":
        return certificate.prior(context, 0.3)
    mu = certificate_open.trained(train, context, 5).numpy()
    log_sigma = np.array(-3.0)
    return {"mu": mu, "log_sigma": log_sigma, "prior/mu": mu}
