"""Takes a third of the bound for all of it.

Ends: ok
Board: below target
"""

from submissions.baselines.generalization import loo

fit = loo.fit


def predict(artifact, inputs):
    margin = loo.margins(inputs)
    bound = loo.predict(artifact, inputs)["margin"]
    return {"margin": margin - (margin - bound) / 3}
