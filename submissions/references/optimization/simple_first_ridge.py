"""Ridge regression on all columns but those that do not vary among the rows that are shown."""

import numpy as np

from submissions.references.optimization.simple_first_line import least_squares

PENALTIES = 10.0 ** np.arange(-5, 2)
FOLDS = 8


def fit(train, context):
    """Fit weights; the penalty by leaving out one part of the networks after another."""
    y, known = train["Y"][:, 0], train["known"][:, 0]
    varies = np.flatnonzero(train["X"].std(0) > 1e-9)
    F = train["X"][:, varies]
    mean, scale = F.mean(0), F.std(0)
    Z = np.c_[np.ones(len(F)), (F - mean) / scale]
    part = train["group"] % FOLDS

    def error(penalty):
        missed = 0.0
        for out in (part == k for k in np.unique(part)):
            off = Z[out] @ least_squares(Z[~out], y[~out], known[~out], penalty) - y[out]
            missed += np.square(np.where(known[out], off, np.minimum(off, 0))).sum()
        return missed

    v = least_squares(Z, y, known, min(PENALTIES, key=error))
    slopes = v[1:] / scale
    w = np.concatenate([[v[0] - slopes @ mean], slopes])
    return {"w": w.astype(np.float32), "columns": varies.astype(np.int8)}


def predict(artifact, inputs):
    """Evaluate the regression."""
    w = artifact["w"].astype(np.float64)
    return {"Y": w[0] + inputs["X"][:, artifact["columns"]] @ w[1:, None]}
