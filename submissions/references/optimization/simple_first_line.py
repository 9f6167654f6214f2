"""The kernel at the start through a line that is fitted to the rows that are shown."""

import numpy as np


def fit(train, context):
    """Fit the line."""
    return learn(train, context, "log10_kernel_steps")


def learn(train, context, name):
    """Fit a line in a column of this name."""
    column = context.facts["features"].index(name)
    F = np.stack([np.ones(len(train["X"])), train["X"][:, column]], axis=1)
    w = least_squares(F, train["Y"][:, 0], train["known"][:, 0])
    return {"w": w.astype(np.float32), "column": np.array(column, np.int8)}


def predict(artifact, inputs):
    """Evaluate the line."""
    w = artifact["w"].astype(np.float64)
    return {"Y": w[0] + w[1] * inputs["X"][:, [artifact["column"]]]}


def least_squares(F, y, known, penalty=0.0):
    """Return the weights whose squared errors are least, where what is not known may be larger.

    In turns: an answer beyond what is known counts as the truth, and all weights are solved for.
    Every turn lowers the error, which is convex. The first column is not penalized.
    """
    shrink = penalty * len(F) * np.diag([0.0, *[1.0] * (F.shape[1] - 1)])
    inverse = np.linalg.pinv(F.T @ F + shrink) @ F.T
    w = inverse @ y
    for _ in range(200):
        w = inverse @ np.where(known, y, np.maximum(y, F @ w))
    return w
