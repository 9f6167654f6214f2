r"""Takes the largest cap to its power for the product of all.

Ends: refused
Reason: predict\['bound'\]: (a cap times c|caps enter through their product)
"""

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    largest = inputs["s"].max(1) ** inputs["L"] / inputs["s"].prod(1)
    return {"bound": largest * grs.predict(artifact, inputs)["bound"]}
