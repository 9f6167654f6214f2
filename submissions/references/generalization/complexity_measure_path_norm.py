"""The path norm: squared weights along all paths, with the largest of a filter's places.

B. Neyshabur, R. Tomioka, N. Srebro, Norm-Based Capacity Control in Neural Networks, COLT 2015; not
checked against the text, and the places are this file's own choice.
"""

import numpy as np

from submissions.baselines.generalization.complexity_measure import layers
from submissions.references.generalization.complexity_measure_margin import run


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return its log: a pass of ones through squared weights, without biases."""
    weights = [W**2 for W in layers(inputs)]
    ones = np.ones((1, inputs["x"].shape[1]))
    return {"score": np.array(np.log(run(weights, [0.0] * len(weights), ones)[-1].sum()))}
