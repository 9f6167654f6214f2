"""Gradient boosting of small regression trees on the settings as they are: no theory.

After Friedman, Annals of Statistics 29, 2001 (not checked against the source).
"""

import numpy as np

DEPTH, LEAST, RATE, ROUNDS = 3, 3, 0.1, 150
NO_CUT = np.finfo(np.float32).max
"""What every number is below."""


def fit(train, context):
    """Boost every target by itself."""
    parts = [boost(train["X"], Y) for Y in train["Y"].T]
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}


def predict(artifact, inputs):
    """Sum the leaves of all trees."""
    targets = range(len(artifact["mean"]))
    parts = [{name: values[t] for name, values in artifact.items()} for t in targets]
    return {"Y": np.stack([evaluate(part, inputs["X"]) for part in parts], 1)}


def boost(X, Y):
    """Return trees as features and cuts of inner nodes, level by level, and values of leaves."""
    mean = Y.mean()
    rest = Y - mean
    inner = 2**DEPTH - 1
    feature = np.zeros((ROUNDS, inner), np.int8)
    cut = np.full((ROUNDS, inner), NO_CUT, np.float32)
    leaf = np.zeros((ROUNDS, 2**DEPTH), np.float32)
    for t in range(ROUNDS):
        node = np.zeros(len(Y), int)
        for level in range(DEPTH):
            for k in np.unique(node):
                rows = np.flatnonzero(node == k)
                at = 2**level - 1 + k
                feature[t, at], cut[t, at] = split(X[rows], rest[rows])
            at = 2**level - 1 + node
            node = 2 * node + (X[np.arange(len(Y)), feature[t, at]] > cut[t, at])
        for k in np.unique(node):
            leaf[t, k] = RATE * rest[node == k].mean()
        rest = rest - leaf[t][node]
    return {"mean": np.array(mean), "feature": feature, "cut": cut, "leaf": leaf}


def split(X, rest):
    """Return the feature and the cut that leave the smallest squares; or `NO_CUT`."""
    n = len(rest)
    if n < 2 * LEAST:
        return 0, NO_CUT
    order = np.argsort(X, 0, kind="stable")
    values = np.take_along_axis(X, order, 0)
    left = np.cumsum(rest[order], 0)[:-1]
    count = np.arange(1, n)[:, None]
    gain = left**2 / count + (rest.sum() - left) ** 2 / (n - count)
    gain[(values[1:] == values[:-1]) | (count < LEAST) | (n - count < LEAST)] = -np.inf
    i, j = np.unravel_index(gain.argmax(), gain.shape)
    if gain[i, j] <= rest.sum() ** 2 / n + 1e-12:
        return 0, NO_CUT
    return j, (values[i, j] + values[i + 1, j]) / 2


def evaluate(trees, X):
    """Return the sum of one target's trees."""
    total = np.full(len(X), float(trees["mean"]))
    for feature, cut, leaf in zip(trees["feature"], trees["cut"], trees["leaf"], strict=True):
        node = np.zeros(len(X), int)
        for level in range(DEPTH):
            at = 2**level - 1 + node
            node = 2 * node + (X[np.arange(len(X)), feature[at]] > cut[at])
        total += leaf[node]
    return total
