"""Tries every set of variables, the hierarchy be damned: legal, and it learns every family.

On 12 variables there are 4096 sets and one transform tries them all. On 30 there are 8.6 million of
up to eight variables and each costs a pass over the samples: the clock decides, as it should.

Ends: ok
Board: ranked
"""

import numpy as np


def fit(train, context):
    X, y = train["X"], train["y"]
    n = X.shape[1]
    sums = np.bincount((X < 0) @ (1 << np.arange(n)), y, 2**n)
    for bit in range(n):
        pair = sums.reshape(-1, 2, 2**bit)
        sums = np.stack([pair[:, 0] + pair[:, 1], pair[:, 0] - pair[:, 1]], 1).ravel()
    # All at once: what is left of the other sets is noise to each of them.
    sets = np.flatnonzero(np.abs(sums) / len(y) > np.sqrt(2 * np.log(2**n) * y.var() / len(y)))
    if not len(sets):
        return {"sets": sets, "a": np.zeros(0)}
    return {"sets": sets, "a": np.linalg.lstsq(characters(X, sets), y, rcond=None)[0]}


def predict(artifact, inputs):
    return {"y": characters(inputs["X"], artifact["sets"]) @ artifact["a"]}


def characters(X, sets):
    bits = (X < 0).astype(np.int64)
    on = sets[:, None] >> np.arange(X.shape[1]) & 1
    return 1.0 - 2.0 * (bits @ on.T % 2)
