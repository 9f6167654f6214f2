"""What matters for the inputs, a byte a number, and so of twice the rank.

Every direction has a scale of its own, half precision.
"""

import numpy as np

from submissions.baselines.transformers import qk_sparsity as plain
from submissions.references.transformers import qk_sparsity_activation as activation

LARGEST = 127


def fit(train, context):
    """Return the factors of every layer, int8 (H, r, d + 1), and their scales (H, r)."""
    facts = context.facts
    spared = {**facts, "most_bytes": facts["most_bytes"] - 4 * facts["layers"] * plain.OVERHEAD}
    rank = plain.affordable(spared, 1)
    artifact = {}
    for layer in range(facts["layers"]):
        for name, of in zip("qk", activation.leading(train, layer, rank), strict=True):
            scale = (np.abs(of).max(2) / LARGEST).astype(np.float16)
            whole = np.rint(of / scale[..., None].astype(float))
            artifact[f"{name}{layer}"] = np.clip(whole, -LARGEST, LARGEST).astype(np.int8)
            artifact[f"scale_{name}{layer}"] = scale
    return artifact


def predict(artifact, inputs):
    """Scale, and cut the last column off again."""
    names = [name for name in artifact if not name.startswith("scale_")]
    factors = {name: artifact[name] * artifact[f"scale_{name}"][..., None] for name in names}
    return plain.predict(factors, inputs)
