r"""Returns a trained network without a prior, to be judged by its error on what it was trained on.

Ends: refused
Reason: fit \(prior\)\['weights'\] is missing; got nothing
"""

from submissions.baselines.generalization import certificate_open


def fit(train, context):
    if context.facts["stage"] == "prior":
        return {}
    return {"weights": certificate_open.trained(train, context, 5).numpy()}
