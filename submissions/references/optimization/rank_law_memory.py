"""The theory's B / (eta lambda), capped at the rank at the start, through a line that is fitted.

After Galanti, Siegel, Gupte, Poggio, arXiv 2206.05794 (not checked against the text): a matrix
knows its last 1 / (eta lambda) steps, each of rank at most B.
"""

import numpy as np

COLUMNS = ("linear", "batch", "rate", "weight_decay", "rank_0", "stable_rank_0")


def fit(train, context):
    """Fit a line for either kind of network and either rank."""
    columns = np.array([context.facts["features"].index(name) for name in COLUMNS], np.int8)
    X = train["X"][:, columns]
    lines = np.zeros((2, 2, 2))
    for linear in (0, 1):
        rows = X[:, 0] == linear
        for target in (0, 1):
            bound = capped(X[rows], target)
            F = np.stack([np.ones(len(bound)), bound], 1)
            lines[linear, target] = np.linalg.lstsq(F, train["Y"][rows, target])[0]
    return {"lines": lines.astype(np.float32), "columns": columns}


def predict(artifact, inputs):
    """Return log10 of both ranks."""
    X = inputs["X"][:, artifact["columns"]]
    answers = np.zeros((len(X), 2))
    for linear in (0, 1):
        rows = X[:, 0] == linear
        for target in (0, 1):
            a, b = artifact["lines"][linear, target]
            answers[rows, target] = a + b * capped(X[rows], target)
    return {"Y": answers}


def capped(X, target):
    """Return log10 of B / (eta lambda), at most the rank at the start."""
    _, batch, rate, decay, rank_0, stable_rank_0 = X.T
    bound = batch / np.maximum(rate * decay, 1e-12)
    return np.log10(np.minimum(bound, stable_rank_0 if target else rank_0))
