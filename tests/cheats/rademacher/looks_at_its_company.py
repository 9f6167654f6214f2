"""Scales all bounds by what the others are.

Ends: refused
Reason: must depend on its own question alone
"""

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    bound = grs.predict(artifact, inputs)["bound"]
    return {"bound": bound * (1 + bound.mean())}
