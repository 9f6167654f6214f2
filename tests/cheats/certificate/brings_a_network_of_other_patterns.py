"""Brings knowledge along: a prior trained on signals with patterns of its own draw.

Directions have neighbours by chance: it errs by more or less than guessing, as the exam has it.

Ends: ok
Board: knows nothing
"""

import numpy as np

from submissions.baselines.generalization import certificate_open


def fit(train, context):
    rng = np.random.default_rng(0)
    patterns = rng.standard_normal((4, 2, 7))
    patterns /= np.linalg.norm(patterns, axis=-1, keepdims=True)
    n = 4000
    y, variant, place = rng.integers(4, size=n), rng.integers(2, size=n), rng.integers(7, 10, n)
    X = 0.6 * rng.standard_normal((n, 24))
    X[np.arange(n)[:, None], place[:, None] + np.arange(7)] += 3 * patterns[y, variant]
    known = {"X": X.astype(np.float32), "y": y}
    return {"weights": certificate_open.trained(known, context, 5).numpy()}
