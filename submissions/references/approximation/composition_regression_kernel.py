"""Ridge regression with a Gaussian kernel on at most 4096 of the samples.

Width and penalty come from a grid, by the error on a fifth of at most 1280 samples. The penalty
stands against the sum of squares, as in a Gaussian process, so it is the same for any n.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

MOST, MOST_TRIED = 4096, 1280
WIDTHS = (1.0, 1.4, 2.0, 2.8, 4.0, 5.6)
PENALTIES = 10.0 ** np.arange(-3, 1.1, 0.5)
CHUNK = 1024


def fit(train, context):
    """Choose width and penalty, then solve once more with all that is used."""
    rng = np.random.default_rng(context.seed)
    order = rng.permutation(len(train["y"]))[:MOST]
    x, y = train["x"][order], train["y"][order].astype(np.float64)
    mean = y.mean()
    n = min(len(y), MOST_TRIED)
    kept, used = slice(0, n // 5), slice(n // 5, n)
    best = (np.inf, 0.0, 0.0)
    for width in WIDTHS:
        values, Q = np.linalg.eigh(kernel(x[used], x[used], width))
        z, K_kept = Q.T @ (y[used] - mean), kernel(x[kept], x[used], width) @ Q
        for penalty in PENALTIES:
            answers = K_kept @ (z / (values + penalty)) + mean
            best = min(best, (np.square(answers - y[kept]).mean(), width, penalty))
    _, width, penalty = best
    K = kernel(x, x, width)
    K[np.diag_indices_from(K)] += penalty
    factor = cho_factor(K, lower=True, overwrite_a=True, check_finite=False)
    a = cho_solve(factor, y - mean, check_finite=False)
    return {"x": x, "a": a.astype(np.float32), "mean": np.array(mean), "width": np.array(width)}


def predict(artifact, inputs):
    """Sum the kernels, a block of questions at a time."""
    x, answers = inputs["x"], []
    for start in range(0, len(x), CHUNK):
        K = kernel(x[start : start + CHUNK], artifact["x"], float(artifact["width"]))
        answers.append(K @ artifact["a"] + artifact["mean"])
    return {"y": np.concatenate(answers)}


def kernel(x, z, width):
    """Return exp(-|x - z|^2 / (2 width^2)), float64 (len(x), len(z))."""
    x, z = x.astype(np.float64), z.astype(np.float64)
    K = x @ z.T
    K *= 2
    K -= np.square(x).sum(1)[:, None]
    K -= np.square(z).sum(1)
    K *= 0.5 / width**2
    return np.exp(K, out=K)
