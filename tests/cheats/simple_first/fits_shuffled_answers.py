"""Fits a line to the answers of other rows: what is learned of shuffled labels.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.references.optimization import simple_first_line as line


def fit(train, context):
    order = np.random.default_rng(context.seed).permutation(len(train["Y"]))
    return line.fit({**train, "Y": train["Y"][order]}, context)


def predict(artifact, inputs):
    return line.predict(artifact, inputs)
