r"""Returns a prior so wide that every network is near its middle.

Ends: refused
Reason: fit \(prior\)\['log_sigma'\] must lie between .* got 23.026 to 23.026
"""

from submissions.baselines.generalization import certificate


def fit(train, context):
    return certificate.prior(context, 1e10)
