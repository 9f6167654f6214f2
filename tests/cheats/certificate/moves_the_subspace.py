r"""Puts the trained network into the origin of its subspace, once it has seen the sample.

Ends: refused
Reason: fit \(posterior\)\['origin'\] is not wanted
"""

import numpy as np

from submissions.baselines.generalization import certificate, certificate_open


def fit(train, context):
    if context.facts["stage"] == "prior":
        return {"origin": certificate.start(context), "spread": np.array(0.1)}
    origin = certificate_open.trained(train, context, 5).numpy()
    return {"coordinates": np.zeros(1), "origin": origin}
