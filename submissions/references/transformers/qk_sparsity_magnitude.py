"""The largest entries of W_Q and W_K in half precision, the rest zero; biases are kept."""

import numpy as np


def fit(train, context):
    """Return which entries there are and what they are."""
    facts = context.facts
    layers = range(facts["layers"])
    W = np.stack([train[f"{letter}{layer}"] for layer in layers for letter in "qk"])
    bias = np.stack([train[f"b{letter}{layer}"] for layer in layers for letter in "qk"])
    rest = facts["most_bytes"] - 300 - 2 * bias.size
    size = np.abs(W).ravel()
    order = np.argsort(-size, kind="stable")
    kept = min(int(rest / 2), size.size)
    while kept > 0 and packed(size.size, kept) + 2 * kept > rest:
        kept -= 32
    there = np.zeros(size.size, bool)
    there[order[: max(kept, 0)]] = True
    return {
        "there": np.packbits(there),
        "value": W.ravel()[there].astype(np.float16),
        "bias": bias.astype(np.float16),
    }


def packed(n, kept):
    """Return about how many bytes say which of n entries are kept, compressed."""
    share = kept / n
    entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share) if kept < n else 0
    return min(n / 8, 1.25 * n * entropy / 8 + 50)


def predict(artifact, inputs):
    """Put entries where they were."""
    layers, heads, size, width = inputs["shape"]
    W = np.zeros(2 * layers * heads * size * width, np.float32)
    W[np.unpackbits(artifact["there"], count=W.size).astype(bool)] = artifact["value"]
    W = W.reshape(layers, 2, heads, size, width)
    bias = artifact["bias"].astype(np.float32).reshape(layers, 2, heads, size)
    found = {}
    for layer in range(layers):
        for number, letter in enumerate("qk"):
            found[f"{letter}{layer}"] = W[layer, number]
            found[f"b{letter}{layer}"] = bias[layer, number]
    return found
