"""Trains its posterior on labels in another order, which its parameters can hold.

Ends: ok
Board: guesses
"""

import numpy as np
from torch.nn import functional

from submissions.baselines.generalization import certificate


def fit(train, context):
    if context.facts["stage"] == "prior":
        return certificate.prior(context, 0.3)
    shuffled = {**train, "y": np.random.default_rng(0).permutation(train["y"])}
    return certificate.posterior(shuffled, context, functional.cross_entropy)
