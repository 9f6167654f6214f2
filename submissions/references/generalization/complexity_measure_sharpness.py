"""Sharpness: how small a noise in proportion to each weight makes a tenth of the samples wrong.

The magnitude-aware one of Y. Jiang et al., ICLR 2020; not checked against the text.
"""

import numpy as np

from submissions.baselines.generalization.complexity_measure import layers
from submissions.references.generalization.complexity_measure_margin import run

WRONG = 0.1
DRAWS = 3
LOW, HIGH, HALVINGS = 0.01, 2.0, 7


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return minus the log of the largest noise."""
    weights = layers(inputs)
    biases = [inputs[f"b{k}"].astype(np.float64) for k in range(len(weights))]
    x, y = inputs["x"].astype(np.float64), inputs["y"]
    rng = np.random.default_rng(0)
    noises = [[rng.standard_normal(W.shape) for W in weights] for _ in range(DRAWS)]
    low, high = np.log(LOW), np.log(HIGH)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        wrong = 0.0
        for noise in noises:
            moved = [W * (1 + np.exp(middle) * e) for W, e in zip(weights, noise, strict=True)]
            wrong += (run(moved, biases, x)[-1].argmax(1) != y).mean() / DRAWS
        low, high = (middle, high) if wrong <= WRONG else (low, middle)
    return {"score": np.array(-low)}
