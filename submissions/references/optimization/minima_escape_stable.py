"""A minimum is left where it is not stable, eta h > 2: theory, and nothing fitted.

After Wu, Ma, E, How SGD Selects the Global Minima in Over-parameterized Learning, NeurIPS 2018
(not checked against the source).
"""

import numpy as np


def fit(train, context):
    """Keep log10 of the largest eigenvalue at which a quadratic minimum holds a run."""
    top = context.facts["features"].index("log_top")
    return {"column": np.array(top), "edge": np.log10(2 / np.array(context.facts["rate"]))}


def predict(artifact, inputs):
    """Answer that all runs leave, or none."""
    return {"Y": (inputs["X"][:, [artifact["column"]]] > artifact["edge"]).astype(np.float64)}
