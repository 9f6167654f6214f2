"""The model's own W_Q and W_K, half precision; each takes a root of what divides scores."""

import numpy as np


def fit(train, context):
    """Return the maps of queries and of centers by layer."""
    return stored([own(train, context, layer) for layer in range(context.facts["layers"])])


def own(train, context, layer):
    """Return A, ua, B and ub whose products are the model's scores."""
    root = context.facts["head_size"] ** -0.25
    return [train[f"{name}{layer}"] * root for name in ("q", "bq", "k", "bk")]


def stored(layers, names=("A", "ua", "B", "ub")):
    """Return the artifact."""
    return {
        f"{name}{layer}": np.asarray(of, np.float16)
        for layer, maps in enumerate(layers)
        for name, of in zip(names, maps, strict=True)
    }
