"""Corrects each instance by the mean of all that are asked with it.

Ends: refused
Reason: must depend on its own question alone
"""

from submissions.baselines.generalization import loo

fit = loo.fit


def predict(artifact, inputs):
    margin = loo.margins(inputs)
    return {"margin": margin - margin.mean()}
