"""Fits a ridge to the answers of other rows: what is learned of shuffled labels.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.references.optimization import rank_law_ridge as ridge


def fit(train, context):
    order = np.random.default_rng(context.seed).permutation(len(train["Y"]))
    return ridge.fit({**train, "Y": train["Y"][order]}, context)


def predict(artifact, inputs):
    return ridge.predict(artifact, inputs)
