"""Finds one critical point and sends it with its hidden units rotated, 200 times.

Ends: ok
Board: below target
"""

import numpy as np

from submissions.baselines.optimization import morse_bott as baseline


def fit(train, context):
    rng = np.random.default_rng(context.seed)
    h, d = context.facts["hidden"], train["X"].shape[1]
    point = baseline.fit(train, context)["points"][-1].astype(np.float64)
    W1, W2 = point[: h * d].reshape(h, d), point[h * d :].reshape(-1, h)
    copies = []
    for _ in range(200):
        Q = np.linalg.qr(rng.standard_normal((h, h)))[0]
        copies.append(np.concatenate([(Q @ W1).ravel(), (W2 @ Q.T).ravel()]))
    return {"points": np.array(copies)}
