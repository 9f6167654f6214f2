"""Naive: kernel ridge regression with exp(4 <x, x'> / n) on at most 4000 of the samples.

The penalty is chosen on at most 640 of them, by leaving each out once, in closed form. A kernel of
the inner product sees the degree of a set alone, not the sets below it.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

MOST, MOST_TRIED = 4000, 640
PENALTIES = 10.0 ** np.arange(-2, 4.1, 0.5)
CHUNK = 2000


def fit(train, context):
    """Choose the penalty, then solve once more with all that is used."""
    rng = np.random.default_rng(context.seed)
    rows = rng.permutation(len(train["y"]))[:MOST]
    X, y = train["X"][rows], train["y"][rows]
    values, Q = np.linalg.eigh(kernel(X[:MOST_TRIED], X[:MOST_TRIED]))
    z, squares = Q.T @ y[:MOST_TRIED], Q**2

    def error(penalty):
        inverse = 1 / (np.maximum(values, 0) + penalty)
        return np.square(Q @ (inverse * z) / (squares @ inverse)).mean()

    K = kernel(X, X)
    K[np.diag_indices_from(K)] += min(PENALTIES, key=error)
    factor = cho_factor(K, lower=True, overwrite_a=True, check_finite=False)
    a = cho_solve(factor, y, check_finite=False)
    return {"X": X, "a": a.astype(np.float32)}


def predict(artifact, inputs):
    """Sum the kernels, a block of questions at a time."""
    X, answers = inputs["X"], []
    for start in range(0, len(X), CHUNK):
        answers.append(kernel(X[start : start + CHUNK], artifact["X"]) @ artifact["a"])
    return {"y": np.concatenate(answers)}


def kernel(X, Z):
    """Return exp(4 <x, z> / n), float64 (len(X), len(Z))."""
    return np.exp(4 / X.shape[1] * (X.astype(np.float32) @ Z.T.astype(np.float32)).astype(float))
