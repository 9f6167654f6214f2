r"""Returns weights that half precision cannot hold.

Ends: refused
Reason: fit \(prior\)\['mu'\] must be at most 10000 in absolute value, got 1e\+06
"""

import numpy as np

from submissions.baselines.generalization import certificate


def fit(train, context):
    found = certificate.prior(context, 0.3)
    found["mu"] = np.full_like(found["mu"], 1e6)
    return found
