"""The leading singular vectors of each head's M = W_Q' W_K, half precision, as many as fit.

Biases belong to inputs that end in a constant 1.
"""

import numpy as np

OVERHEAD = 16
"""Bytes of a name and a shape, compressed, and a little more."""


def fit(train, context):
    """Return the factors of every layer, (H, r, d + 1), for queries and for keys."""
    facts = context.facts
    rank = affordable(facts, 2)
    artifact = {}
    for layer in range(facts["layers"]):
        query, key = extended(train, layer)
        U, s, V = np.linalg.svd(np.swapaxes(query, 1, 2) @ key)
        root = np.sqrt(s[:, :rank, None])
        artifact[f"q{layer}"] = (root * np.swapaxes(U, 1, 2)[:, :rank]).astype(np.float16)
        artifact[f"k{layer}"] = (root * V[:, :rank]).astype(np.float16)
    return artifact


def affordable(facts, n_bytes):
    """Return the rank that the budget pays for at so many bytes a number."""
    heads, layers = facts["heads"], facts["layers"]
    each = 2 * layers * heads * (facts["width"] + 1) * n_bytes
    return min(facts["head_size"], int((facts["most_bytes"] - 2 * layers * OVERHEAD) // each))


def extended(train, layer):
    """Return W_Q and W_K with their biases as a last column, (H, d_h, d + 1)."""
    pairs = [(train[f"{letter}{layer}"], train[f"b{letter}{layer}"]) for letter in "qk"]
    return [np.concatenate([W, b[..., None]], 2).astype(float) for W, b in pairs]


def predict(artifact, inputs):
    """Cut the last column off again."""
    found = {}
    for name, factors in artifact.items():
        found[name], found[f"b{name}"] = (
            of.astype(np.float32) for of in (factors[..., :-1], factors[..., -1])
        )
    return found
