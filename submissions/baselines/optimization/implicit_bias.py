"""Ridge regression on logarithms of the settings."""

import numpy as np

PENALTIES = 10.0 ** np.arange(-4, 3)
COLUMNS = (
    "dimension_per_sample", "coherence", "init", "slope", "rate", "rate_steps", "samples", "units",
    "stable_rank_0", "clusters", "batch_share", "rate_decay_steps",
)  # fmt: skip
BLIND = 10
"""How many of the columns a law knows that is told neither batch nor weight decay."""


def fit(train, context):
    """Fit all settings."""
    return learn(train, context, COLUMNS)


def learn(train, context, names):
    """Fit the settings of these names; the penalty by leaving one run out."""
    columns = np.array([context.facts["features"].index(name) for name in names], np.int8)
    F = features(train["X"][:, columns])
    mean, scale = F.mean(0), F.std(0) + 1e-9
    Z, Y = (F - mean) / scale, train["Y"]
    middle = Y.mean(0)
    W = np.zeros((Z.shape[1], Y.shape[1]))
    for target, y in enumerate((Y - middle).T):
        best = np.inf
        for penalty in PENALTIES:
            inverse = np.linalg.inv(Z.T @ Z + penalty * len(Z) * np.eye(Z.shape[1]))
            w = inverse @ Z.T @ y
            leverage = np.einsum("ij,jk,ik->i", Z, inverse, Z) + 1 / len(Z)
            error = np.square((y - Z @ w) / (1 - leverage)).sum()
            if error < best:
                best, W[:, target] = error, w
    law = {"W": W, "mean": mean, "scale": scale, "middle": middle}
    return {"columns": columns, **{name: array.astype(np.float32) for name, array in law.items()}}


def predict(artifact, inputs):
    """Return all four targets."""
    law = {name: array.astype(np.float64) for name, array in artifact.items() if name != "columns"}
    F = features(inputs["X"][:, artifact["columns"]])
    return {"Y": (F - law["mean"]) / law["scale"] @ law["W"] + law["middle"]}


def features(X):
    """Return logarithms of what is positive, the rest as it is, and what a start is worth."""
    logs = np.log10(X[:, :9])
    _, _, init, _, rate, spent = logs.T[:6]
    rest = [X[:, 9:]]
    if X.shape[1] > BLIND:
        rest = [X[:, 9:10], np.log10(X[:, 10:11]), np.log10(1 + X[:, 11:12])]
    more = np.stack([init - rate, (init - rate) ** 2, init**2, spent - init], 1)
    return np.concatenate([logs, *rest, more], 1)
