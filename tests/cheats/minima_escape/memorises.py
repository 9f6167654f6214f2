"""Keeps every minimum and answers with the nearest: no visible error, a large gap.

Ends: ok
"""

from scipy.spatial import cKDTree


def fit(train, context):
    return {"X": train["X"], "Y": train["Y"], "scale": train["X"].std(0) + 1e-9}


def predict(artifact, inputs):
    tree = cKDTree(artifact["X"] / artifact["scale"])
    return {"Y": artifact["Y"][tree.query(inputs["X"] / artifact["scale"])[1]]}
