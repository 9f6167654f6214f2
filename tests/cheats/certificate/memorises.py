"""Trains a network to no error on its sample and puts a narrow posterior around it.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.generalization import certificate, certificate_open


def fit(train, context):
    if context.facts["stage"] == "prior":
        return certificate.prior(context, 0.3)
    mu = certificate_open.trained(train, context, 60).numpy()
    return {"mu": mu, "log_sigma": np.array(-6.0)}
