"""The product of spectral norms over the margin; of a filter a place, the largest one's."""

import numpy as np

from submissions.baselines.generalization.complexity_measure import layers
from submissions.references.generalization.complexity_measure_margin import margin


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return its log."""
    norms = [np.linalg.norm(W, 2, axis=(-2, -1)).max() for W in layers(inputs)]
    return {"score": np.array(np.log(norms).sum() - np.log(margin(inputs)))}
