"""Log rho over the margin that nine tenths of the samples have: the norm-based bound's ratio."""

import numpy as np

from submissions.baselines.generalization import complexity_measure as baseline

LEAST = 1e-6
"""No margin counts as smaller."""


def fit(train, context):
    """Learn nothing."""
    return {}


def predict(artifact, inputs):
    """Return log rho less the log of the margin."""
    rho = baseline.predict(artifact, inputs)["score"]
    return {"score": rho - np.log(margin(inputs))}


def margin(inputs):
    """Return the tenth percentile of the right output less the largest other one."""
    logits, y = forward(inputs, inputs["x"])[-1], inputs["y"]
    right = logits[np.arange(len(y)), y]
    logits[np.arange(len(y)), y] = -np.inf
    return max(LEAST, np.quantile(right - logits.max(1), 0.1))


def forward(net, x):
    """Return the outputs of all layers, the last of which are the logits."""
    weights = baseline.layers(net)
    biases = [net[f"b{k}"] for k in range(len(weights))]
    return run(weights, biases, x.astype(np.float64))


def run(weights, biases, h):
    """Return the outputs of all layers of these weights."""
    found = []
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        if W.ndim == 3:
            windows = np.lib.stride_tricks.sliding_window_view(h, W.shape[1], axis=1)
            # In this order a filter that is shared is multiplied with all places.
            z = (windows.swapaxes(0, 1) @ W).max(0)
        else:
            z = h @ W
        z = z + b
        h = np.maximum(z, 0) if k < len(weights) - 1 else z
        found.append(h)
    return found
