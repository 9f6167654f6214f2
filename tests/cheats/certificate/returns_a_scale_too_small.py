r"""Returns a posterior of sigma 1e-8.

Ends: refused
Reason: fit \(posterior\)\['log_sigma'\] must lie between -13.816 and 2.303
"""

import numpy as np

from submissions.baselines.generalization import certificate


def fit(train, context):
    if context.facts["stage"] == "prior":
        return certificate.prior(context, 0.3)
    return {"mu": train["prior/mu"], "log_sigma": np.array(np.log(1e-8))}
