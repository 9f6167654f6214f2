"""Keeps every sample and answers with the nearest: no visible error, a large gap.

Ends: ok
Board: below target
"""

from scipy.spatial import cKDTree


def fit(train, context):
    return {"x": train["x"], "y": train["y"]}


def predict(artifact, inputs):
    return {"y": artifact["y"][cKDTree(artifact["x"]).query(inputs["x"])[1]]}
