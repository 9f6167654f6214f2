"""The kernel at the start as it stands: ln 5 / (eta q) steps. Nothing is fitted."""

import numpy as np


def fit(train, context):
    """Keep where the kernel's steps stand."""
    return {"column": np.array(context.facts["features"].index("log10_kernel_steps"), np.int8)}


def predict(artifact, inputs):
    """Answer them."""
    return {"Y": inputs["X"][:, [artifact["column"]]]}
