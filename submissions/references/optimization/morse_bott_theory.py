"""The orbits of a linear problem from the singular vectors of M; the baseline where none is known.

W2 W1 = sum over S of (s_i - mu) u_i v_i^T with balanced layers, for every set S of singular values
above mu: mu = c for the additive regularizer, c sum_S s_i / (1 + c |S|) for the multiplicative.
"""

from itertools import combinations

import numpy as np

from submissions.baselines.optimization import morse_bott as baseline


def fit(train, context):
    """Return one point an orbit, float16."""
    facts = context.facts
    if facts["activation"] != "linear" or facts["regularizer"] == "generalised":
        return {"points": baseline.fit(train, context)["points"].astype(np.float16)}
    U, s, Vt = np.linalg.svd(train["Y"].T, full_matrices=False)
    h, c = facts["hidden"], train["c"][0]
    points = []
    for r in range(min(len(s), h) + 1):
        for S in map(list, combinations(range(len(s)), r)):
            mu = c if facts["regularizer"] == "additive" else c * s[S].sum() / (1 + c * r)
            if (s[S] > mu).all():
                root = np.sqrt(s[S] - mu)
                W1, W2 = np.zeros((h, Vt.shape[1])), np.zeros((len(U), h))
                W1[:r], W2[:, :r] = root[:, None] * Vt[S], U[:, S] * root
                points.append(np.concatenate([W1.ravel(), W2.ravel()]))
    return {"points": np.array(points[:256], np.float16)}
