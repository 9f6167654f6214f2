"""Recurses without end.

Ends: failed
Reason: RecursionError
"""


def fit(train, context):
    return fit(train, context)


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
