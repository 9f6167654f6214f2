"""PAC-Bayes around a network trained on half of the sample; the other half moves it and counts.

G. K. Dziugaite, K. Hsu, W. Gharbieh, G. Arpino, D. Roy, *On the Role of Data in PAC-Bayes Bounds*,
AISTATS 2021; not checked against the source.
"""

import math

import numpy as np
from torch.nn import functional

from submissions.baselines.generalization.certificate import posterior
from submissions.baselines.generalization.certificate_open import EPOCHS, trained

DIVISION = "open"
SHARE, SIGMA = 0.5, 0.03


def plan(facts):
    """Say how much of the sample the prior is trained on."""
    return [{"prior_share": SHARE}]


def fit(train, context):
    """Return the prior, then the posterior."""
    if context.facts["stage"] == "prior":
        mu = trained(train, context, EPOCHS).numpy()
        return {"mu": mu, "log_sigma": np.array(math.log(SIGMA), np.float32)}
    return posterior(train, context, functional.cross_entropy)
