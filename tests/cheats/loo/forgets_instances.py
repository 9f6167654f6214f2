r"""Answers half of the instances.

Ends: refused
Reason: predict\['margin'\] must have shape \(15, 60\), got \(7, 60\)
"""

from submissions.baselines.generalization import loo

fit = loo.fit


def predict(artifact, inputs):
    return {"margin": loo.margins(inputs)[: len(inputs["y"]) // 2]}
