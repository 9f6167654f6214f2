"""A mean for each depth, whatever the wave."""

import numpy as np

from submissions.references.optimization.simple_first_line import least_squares


def fit(train, context):
    """Take the means."""
    column = context.facts["features"].index("depth")
    depths, index = np.unique(train["X"][:, column], return_inverse=True)
    means = [
        least_squares(np.ones((mine.sum(), 1)), train["Y"][mine, 0], train["known"][mine, 0])
        for mine in (index == i for i in range(len(depths)))
    ]
    return {
        "mean": np.concatenate(means).astype(np.float32),
        "depth": depths.astype(np.float32),
        "column": np.array(column, np.int8),
    }


def predict(artifact, inputs):
    """Answer the mean of the depth that is nearest."""
    off = np.abs(inputs["X"][:, [artifact["column"]]] - artifact["depth"])
    return {"Y": artifact["mean"][off.argmin(1)][:, None].astype(np.float64)}
