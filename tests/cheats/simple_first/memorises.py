"""Keeps every row and answers with the nearest: no visible error, a large gap.

That is legal, and pays for it in gap and bytes.

Ends: ok
Board: ranked
"""

import numpy as np
from scipy.spatial import cKDTree


def fit(train, context):
    spread = train["X"].std(0)
    return {"X": train["X"], "Y": train["Y"], "scale": np.where(spread > 0, spread, 1)}


def predict(artifact, inputs):
    tree = cKDTree(artifact["X"] / artifact["scale"])
    return {"Y": artifact["Y"][tree.query(inputs["X"] / artifact["scale"])[1]]}
