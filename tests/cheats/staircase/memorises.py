"""Keeps every sample and answers with the nearest: little visible error, a large gap.

Ends: ok
Board: below target
"""


def fit(train, context):
    return {"X": train["X"], "y": train["y"]}


def predict(artifact, inputs):
    near = inputs["X"].astype("f4") @ artifact["X"].T.astype("f4")
    return {"y": artifact["y"][near.argmax(1)]}
