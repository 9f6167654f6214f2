"""Loops without end.

Ends: killed
Reason: ran longer than 2 s
"""


def fit(train, context):
    while True:
        pass


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
