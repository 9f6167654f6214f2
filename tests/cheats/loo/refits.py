"""Refits, without every sample in turn: exact, and no formula.

Ends: refused
Reason: predict took .* s of processor time, wanted is at most half of what refits take
"""

import numpy as np
from scipy.optimize import nnls


def fit(train, context):
    return {}


def predict(artifact, inputs):
    found = []
    for K, y in zip(inputs["K"], inputs["y"], strict=True):
        Q = K * np.outer(y, y)
        n = len(y)
        margin = np.empty(n)
        for i in range(n):
            rest = np.arange(n) != i
            E = np.vstack([np.linalg.cholesky(Q[np.ix_(rest, rest)]).T, np.ones(n - 1)])
            u = nnls(E, np.eye(1, n, n - 1)[0], maxiter=100 * n)[0]
            margin[i] = Q[i, rest] @ u / (1 - E[-1] @ u)
        found.append(margin)
    return {"margin": np.stack(found)}
