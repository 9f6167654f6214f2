"""Keeps every run and answers with the nearest: legal, and it pays in bytes.

Most runs of large batches end with the rank of a run of small ones of like settings, which is what
the task finds out; so it may reach the target, without a visible error, or miss it.

Ends: ok
"""

from scipy.spatial import cKDTree


def fit(train, context):
    return {"X": train["X"], "Y": train["Y"], "scale": train["X"].std(0) + 1e-9}


def predict(artifact, inputs):
    tree = cKDTree(artifact["X"] / artifact["scale"])
    return {"Y": artifact["Y"][tree.query(inputs["X"] / artifact["scale"])[1]]}
