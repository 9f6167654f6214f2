"""SGD on the mean squared loss, without weight decay, from He's initialization; width 64-64."""

import numpy as np

WIDTH, UPDATES, BATCH, RATE = 64, 20_000, 32, 0.1


def fit(train, context):
    """Train by SGD."""
    weights = start(train, context)
    return descend(weights, train, context, batch=BATCH)


def start(train, context, scale=1.0):
    """Draw He's weights, all of them times `scale`."""
    rng = np.random.default_rng([context.seed, 0])
    widths = (train["X"].shape[1], WIDTH, WIDTH, 1)
    return [
        rng.normal(0, scale * np.sqrt(2 / fan_in), (fan_in, width)).astype(np.float32)
        for fan_in, width in zip(widths[:-1], widths[1:], strict=True)
    ]


def descend(weights, train, context, batch=None, rate=RATE, decay=0.0, updates=UPDATES):
    """Take steps down the loss of batches, all samples at once without `batch`."""
    X, Y = train["X"], train["y"][:, None]
    n = len(X)
    rng = np.random.default_rng([context.seed, 1])
    rate, decay = np.float32(rate), np.float32(decay)
    order = np.empty(0, int)
    for _ in range(round(updates * context.facts["effort"])):
        x, y = X, Y
        if batch:
            if len(order) < batch:
                order = rng.permutation(n)
            rows, order = order[:batch], order[batch:]
            x, y = X[rows], Y[rows]
        for W, slope in zip(weights, slopes(weights, x, y), strict=True):
            W -= rate * (slope + decay * W)
    return {f"W{k}": W for k, W in enumerate(weights)}


def slopes(weights, x, y):
    """Return the gradient of half the mean squared distance to the labels."""
    W0, W1, W2 = weights
    h = np.maximum(x @ W0, 0)
    g = np.maximum(h @ W1, 0)
    error = (g @ W2 - y) / len(x)
    behind_g = (error @ W2.T) * (g > 0)
    behind_h = (behind_g @ W1.T) * (h > 0)
    return x.T @ behind_h, h.T @ behind_g, g.T @ error
