"""Logistic regression on loss, noise and curvature of a minimum, in units of weight decay.

At a minimum the residuals are in proportion to lambda where it is small, so the loss is, and the
noise is to its square.
"""

import numpy as np

COLUMNS = ("log_loss", "log_noise", "log_trace", "log_top", "soft")
UNITS = {"log_loss": 1, "log_noise": 2}
"""Powers of lambda."""
PENALTIES = 10.0 ** np.arange(-3, 2)
PARTS, STEPS = 4, 50


def fit(train, context):
    """Fit what is known of the point alone."""
    return learn(train, context, COLUMNS)


def learn(train, context, names, units=UNITS):
    """Fit columns of these names; the penalty by leaving out a part of the problems."""
    features = context.facts["features"]
    law = {
        "columns": np.array([features.index(name) for name in ("log_lambda", *names)], np.int8),
        "units": np.array([units.get(name, 0) for name in names], np.int8),
    }
    F, y, part = scaled(law, train["X"]), train["Y"][:, 0], train["group"] % PARTS
    mean, scale = F.mean(0), F.std(0) + 1e-9
    Z = np.column_stack([(F - mean) / scale, np.ones(len(F))])
    errors = []
    for penalty in PENALTIES:
        off = np.zeros(len(y))
        for left_out in np.unique(part):
            rows = part == left_out
            off[rows] = y[rows] - share(Z[rows] @ logistic(Z[~rows], y[~rows], penalty))
        errors.append(np.square(off).sum())
    w = logistic(Z, y, PENALTIES[np.argmin(errors)])
    # Of the features as they are, so that neither mean nor scale need be sent.
    slopes = w[:-1] / scale
    return {**law, "w": np.append(slopes, w[-1] - mean @ slopes).astype(np.float32)}


def predict(artifact, inputs):
    """Return the share that leaves."""
    w = artifact["w"].astype(np.float64)
    return {"Y": share(scaled(artifact, inputs["X"]) @ w[:-1] + w[-1])[:, None]}


def scaled(law, X):
    """Return the columns of a law, logarithms less those of their powers of lambda."""
    decay, *columns = law["columns"]
    return X[:, columns] - X[:, [decay]] * law["units"]


def share(z):
    """Return 1 / (1 + exp(-z))."""
    return (1 + np.tanh(z / 2)) / 2


def logistic(Z, y, penalty):
    """Return the weights of most likely shares under a ridge that leaves the last one free."""
    ridge = penalty * np.append(np.ones(Z.shape[1] - 1), 1e-6)

    def loss(w):
        z = Z @ w
        return np.logaddexp(0, z).sum() - y @ z + ridge @ w**2 / 2

    w = np.zeros(Z.shape[1])
    for _ in range(STEPS):
        p = share(Z @ w)
        H = (Z.T * (p * (1 - p))) @ Z + np.diag(ridge)
        step = np.linalg.solve(H, Z.T @ (p - y) + ridge * w)
        while loss(w - step) > loss(w) + 1e-12 and np.abs(step).max() > 1e-9:
            step = step / 2
        w = w - step
    return w
