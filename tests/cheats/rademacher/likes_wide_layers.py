r"""Has a smaller bound for wider layers.

Ends: refused
Reason: a wider layer is no smaller bound, but 'width' made it .* smaller
"""

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    width = inputs["widths"][:, 1]
    return {"bound": 100 * grs.predict(artifact, inputs)["bound"] / width}
