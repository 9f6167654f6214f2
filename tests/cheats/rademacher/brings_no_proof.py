r"""Has a bound and no reason for it.

Ends: refused
Reason: fit\['proof'\] must be uint8 \(b,\), .* got nothing
"""

from submissions.baselines.generalization import rademacher as grs


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return grs.predict(artifact, inputs)
