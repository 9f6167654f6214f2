"""Ridge regression on logarithms of the settings, for either kind of network, without the batch."""

import numpy as np

PENALTIES = 10.0 ** np.arange(-4, 3)


def fit(train, context):
    """Fit either kind, the penalty by leaving one run out."""
    return learn(train, context, told=())


def learn(train, context, told):
    """Fit on `told` beside the settings that every law here knows."""
    names = context.facts["features"]
    kind = train["X"][:, names.index("linear")] == 1
    artifact = {"columns": np.array([names.index(name) for name in (*COLUMNS, *told)], np.int8)}
    for linear in (0, 1):
        rows = kind == linear
        F = features(train["X"][rows][:, artifact["columns"]])
        artifact[f"{linear}"] = ridge(F, train["Y"][rows]).astype(np.float32)
    return artifact


def predict(artifact, inputs):
    """Return log10 of both ranks."""
    X = inputs["X"][:, artifact["columns"]]
    answers = np.zeros((len(X), 2))
    for linear in (0, 1):
        rows = X[:, 0] == linear
        answers[rows] = features(X[rows]) @ artifact[f"{linear}"].astype(np.float64)
    return {"Y": answers}


COLUMNS = ("linear", "rate", "weight_decay", "steps", "width", "depth", "gain")


def features(X):
    """Return a one, logarithms of the settings, how far weights have decayed, and its square."""
    _, rate, decay, steps, width, depth, gain, *batch = X.T
    spent = np.log10(1 + rate * decay * steps)
    learned = np.log10(rate * steps)
    logs = [np.log10(np.maximum(u, 1e-6)) for u in (rate, decay, width, depth, gain)]
    more = [np.log10(b) for b in batch]
    return np.stack([np.ones(len(X)), spent, spent**2, learned, *logs, *more], 1)


def ridge(F, Y):
    """Return weights (p, q) of standardized features, the first a one that is not penalized."""
    mean, scale = F.mean(0), F.std(0)
    mean[0], scale[scale < 1e-9] = 0, np.inf  # what does not vary is not used
    scale[0] = 1
    Z = (F - mean) / scale
    best, kept = np.inf, None
    for penalty in PENALTIES:
        shrink = np.diag([0.0, *[penalty * len(F)] * (F.shape[1] - 1)])
        inverse = np.linalg.pinv(Z.T @ Z + shrink)
        W = inverse @ Z.T @ Y
        leverage = np.einsum("ij,jk,ik->i", Z, inverse, Z)
        error = np.square((Y - Z @ W) / (1 - leverage)[:, None]).sum()
        if error < best:
            best, kept = error, W
    W = kept / scale[:, None]
    W[0] -= mean @ W
    return W
