r"""Takes no notice of how long the rows of a sample are.

Ends: refused
Reason: a sample times c is the bound times c, but 'sample' made it
"""

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    length = (inputs["row"] ** 2).sum(1) ** 0.5
    return {"bound": 100 * grs.predict(artifact, inputs)["bound"] / length}
