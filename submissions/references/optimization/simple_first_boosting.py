"""Gradient boosting of small regression trees on all columns.

Three times over: an answer beyond what is known of a row counts as its truth the next time.
"""

import numpy as np

from submissions.references.optimization import rank_law_boosting as boosting

TURNS = 3


def fit(train, context):
    """Boost."""
    Y = train["Y"]
    for _ in range(TURNS):
        trees = boosting.fit({**train, "Y": Y}, context)
        answers = boosting.predict(trees, train)["Y"]
        Y = np.where(train["known"], train["Y"], np.maximum(train["Y"], answers))
    return trees


def predict(artifact, inputs):
    """Sum the leaves of all trees."""
    return boosting.predict(artifact, inputs)
