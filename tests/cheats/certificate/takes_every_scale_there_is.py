r"""Lays down a mixture of so many scales that one must fit, if only they were free.

Ends: refused
Reason: fit \(prior\)\['log_sigma'\] may hold 1 to 100 scales, got 101
"""

import numpy as np

from submissions.baselines.generalization import certificate


def fit(train, context):
    return {"mu": certificate.start(context), "log_sigma": np.linspace(-13, 2, 101)[:, None]}
