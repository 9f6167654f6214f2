"""Fits a law to the answers of other rows: what is learned of shuffled labels.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.references.optimization import minima_escape_two as law


def fit(train, context):
    order = np.random.default_rng(context.seed).permutation(len(train["Y"]))
    return law.fit({**train, "Y": train["Y"][order]}, context)


def predict(artifact, inputs):
    return law.predict(artifact, inputs)
