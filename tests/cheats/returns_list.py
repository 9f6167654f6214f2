"""Returns a list.

Ends: refused
Reason: fit must return a dict of named numpy arrays, got list
"""


def fit(train, context):
    return [train["X"]]


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
