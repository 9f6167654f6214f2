"""Places that a head attends to in the mean of what was shown, and nothing of the sequence."""

import numpy as np


def fit(train, context):
    """Return each head's mean weight by distance, and on the first token, half precision."""
    length = context.facts["length"]
    past = np.tri(length, dtype=bool)
    distance = np.arange(length)[:, None] - np.arange(length)
    artifact = {}
    for layer in range(context.facts["layers"]):
        query, key = train[f"q{layer}"], train[f"k{layer}"]
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
        scores[..., ~past] = -np.inf
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mean = (weights / weights.sum(-1, keepdims=True)).mean(0)
        by = [[head[distance == d].mean() for d in range(length)] for head in mean]
        artifact[f"distance{layer}"] = np.array(by, np.float16)
        artifact[f"first{layer}"] = mean[:, :, 0].mean(1).astype(np.float16)
    return artifact


def predict(artifact, inputs):
    """Keep the pairs of a layer's heads whose places have the largest weights."""
    n, heads, length, _ = inputs["q0"].shape
    past = np.tri(length, dtype=bool)
    distance = np.abs(np.arange(length)[:, None] - np.arange(length))
    most = int(inputs["rho"][0] * heads * (length * (length + 1) // 2))
    masks = {}
    for layer in range((len(inputs) - 1) // 3):
        value = artifact[f"distance{layer}"].astype(float)[:, distance]
        value[:, :, 0] = np.maximum(value[:, :, 0], artifact[f"first{layer}"][:, None])
        value[:, np.eye(length, dtype=bool)] = 2
        value[:, ~past] = -1
        mask = np.zeros(value.size, bool)
        mask[np.argsort(-value.ravel(), kind="stable")[:most]] = True
        masks[f"mask{layer}"] = np.tile(np.packbits(mask), (n, 1))
    return masks
