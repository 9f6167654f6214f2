"""Gradient boosting of regression trees on histograms, after Ke et al., LightGBM, NeurIPS 2017.

Not checked against the source; trees grow level by level here, as far as a split pays. A tenth of
the samples is kept back and says when to stop.
"""

import numpy as np

BINS, DEPTH, LEAST = 64, 5, 20
RATE, MOST_TREES, PATIENCE = 0.1, 400, 20


def fit(train, context):
    """Add trees to what is left of y until the samples kept back stop gaining."""
    rng = np.random.default_rng(context.seed)
    x, y = train["x"], train["y"].astype(np.float64)
    edges = np.quantile(x, np.arange(1, BINS) / BINS, axis=0).T.astype(np.float32)
    bins = binned(x, edges)
    order = rng.permutation(len(y))
    kept, used = order[: len(y) // 10], order[len(y) // 10 :]
    mean = y[used].mean()
    F = np.full(len(y), mean)
    trees, errors = [], []
    while len(trees) < MOST_TREES and len(trees) - np.argmin(errors or [0]) <= PATIENCE:
        tree = grow(bins[:, used], y[used] - F[used])
        F += descend(tree, bins)
        trees.append(tree)
        errors.append(np.square(F[kept] - y[kept]).mean())
    trees = trees[: int(np.argmin(errors)) + 1]
    feature, cut, leaf = (np.stack(part) for part in zip(*trees, strict=True))
    return {"edges": edges, "mean": np.array(mean), "feature": feature, "cut": cut, "leaf": leaf}


def predict(artifact, inputs):
    """Sum the leaves of all trees."""
    bins = binned(inputs["x"], artifact["edges"])
    y = np.full(bins.shape[1], float(artifact["mean"]))
    for tree in zip(artifact["feature"], artifact["cut"], artifact["leaf"], strict=True):
        y += descend(tree, bins)
    return {"y": y}


def binned(x, edges):
    """Return the bin of every value, int64 (d, n)."""
    return np.stack([np.searchsorted(e, u) for e, u in zip(edges, x.T, strict=True)])


def grow(bins, rest):
    """Return a tree as features and cuts of its inner nodes, and the values of its leaves."""
    n_inner = 2**DEPTH - 1
    feature, cut = np.zeros(n_inner, np.int8), np.full(n_inner, BINS, np.int8)
    node = np.zeros(len(rest), np.int64)
    for level in range(DEPTH):
        n_nodes = 2**level
        best = np.zeros(n_nodes)
        here = np.arange(n_nodes)
        for j, column in enumerate(bins):
            key = node * BINS + column
            count = np.bincount(key, minlength=n_nodes * BINS).reshape(n_nodes, BINS).cumsum(1)
            total = np.bincount(key, rest, n_nodes * BINS).reshape(n_nodes, BINS).cumsum(1)
            n, s = count[:, -1:], total[:, -1:]
            left, right = np.maximum(count, 1), np.maximum(n - count, 1)
            gain = total**2 / left + (s - total) ** 2 / right - s**2 / np.maximum(n, 1)
            gain[(count < LEAST) | (n - count < LEAST)] = 0
            at = gain.argmax(1)
            better = gain[here, at] > best
            first = n_nodes - 1
            feature[first:][:n_nodes][better] = j
            cut[first:][:n_nodes][better] = at[better]
            best[better] = gain[here, at][better]
        node = step(node, n_nodes - 1, feature, cut, bins)
    count = np.bincount(node, minlength=2**DEPTH)
    leaf = RATE * np.bincount(node, rest, 2**DEPTH) / np.maximum(count, 1)
    return feature, cut, leaf.astype(np.float32)


def step(node, first, feature, cut, bins):
    """Go one level down: right where the bin is above the cut."""
    at = first + node
    return 2 * node + (bins[feature[at], np.arange(len(node))] > cut[at])


def descend(tree, bins):
    """Return the leaf's value of every column of bins."""
    feature, cut, leaf = tree
    node = np.zeros(bins.shape[1], np.int64)
    for level in range(DEPTH):
        node = step(node, 2**level - 1, feature, cut, bins)
    return leaf[node]
