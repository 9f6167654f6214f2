"""The Davies-Bouldin index of the last features, times the error on mixtures within a class.

What won the competition on predicting generalization: P. Natekar, M. Sharma, arXiv 2012.02775; not
checked against the text.
"""

import numpy as np

from submissions.references.generalization.complexity_measure_margin import forward

MIXTURES = 4
"""Of every sample."""


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return the product."""
    return {"score": np.array(index(inputs) * (mixed_error(inputs) + 1 / len(inputs["y"])))}


def index(inputs):
    """Return how wide classes are for how far apart their centres are."""
    h, y = forward(inputs, inputs["x"])[-2], inputs["y"]
    classes = np.unique(y)
    centres = np.stack([h[y == c].mean(0) for c in classes])
    width = np.array(
        [
            np.linalg.norm(h[y == c] - m, axis=1).mean()
            for c, m in zip(classes, centres, strict=True)
        ]
    )
    apart = np.linalg.norm(centres[:, None] - centres, axis=2) + np.diag([np.inf] * len(classes))
    return ((width[:, None] + width) / np.maximum(apart, 1e-9)).max(1).mean()


def mixed_error(inputs):
    """Return the error on means of two samples of a class."""
    x, y = inputs["x"], inputs["y"]
    rng = np.random.default_rng(0)
    wrong = 0.0
    for _ in range(MIXTURES):
        other = np.empty(len(y), int)
        for c in np.unique(y):
            mine = np.flatnonzero(y == c)
            other[mine] = rng.permutation(mine)
        wrong += (forward(inputs, (x + x[other]) / 2)[-1].argmax(1) != y).mean() / MIXTURES
    return wrong
