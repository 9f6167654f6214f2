"""A decay law that does not know the batch: rank = a r_0 exp(-c eta lambda T) + r."""

import numpy as np
from scipy.optimize import least_squares

STARTS = [(a, np.log(c), r) for a in (0.5, 1.0) for c in (0.1, 1.0, 10.0) for r in (1.0, 8.0)]
"""Of a, log c and r."""


def fit(train, context):
    """Fit a, c and r for either kind of network and either rank, in log10."""
    names = context.facts["features"]
    kind = train["X"][:, names.index("linear")] == 1
    law = np.zeros((2, 2, 3))
    for linear in (0, 1):
        rows = kind == linear
        for target in (0, 1):
            Y = train["Y"][rows, target]
            r_0, spent = told(train["X"][rows], names, target)

            def off(p, r_0=r_0, spent=spent, Y=Y):
                return np.log10(rank(p, r_0, spent)) - Y

            fits = [least_squares(off, start) for start in STARTS]
            law[linear, target] = min(fits, key=lambda found: found.cost).x
    columns = [names.index(name) for name in COLUMNS]
    return {"law": law.astype(np.float32), "columns": np.array(columns, np.int8)}


def predict(artifact, inputs):
    """Return log10 of both ranks."""
    X = inputs["X"][:, artifact["columns"]]
    answers = np.zeros((len(X), 2))
    for linear in (0, 1):
        rows = X[:, 0] == linear
        for target in (0, 1):
            r_0, spent = told(X[rows], COLUMNS, target)
            p = artifact["law"][linear, target].astype(np.float64)
            answers[rows, target] = np.log10(rank(p, r_0, spent))
    return {"Y": answers}


COLUMNS = ("linear", "rate", "weight_decay", "steps", "rank_0", "stable_rank_0")


def told(X, names, target):
    """Return the rank at the start and eta lambda T."""
    of = dict(zip(names, X.T, strict=True))
    r_0 = of["stable_rank_0" if target else "rank_0"]
    return r_0, of["rate"] * of["weight_decay"] * of["steps"]


def rank(p, r_0, spent):
    """Return the law's rank, at least 1."""
    a, log_c, r = p
    return np.maximum(a * r_0 * np.exp(-np.exp(np.clip(log_c, -20, 20)) * spent) + r, 1)
