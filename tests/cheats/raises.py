r"""Raises.

Ends: failed
Reason: ValueError: the dog ate it \[raises.py:\d+\]
"""


def fit(train, context):
    raise ValueError("the dog ate it")


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
