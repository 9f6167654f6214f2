r"""Has a smaller bound for more rank.

Ends: refused
Reason: more rank is no smaller bound, but 'rank' made it .* smaller
"""

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    return {"bound": 10 * grs.predict(artifact, inputs)["bound"] / inputs["r"].prod(1)}
