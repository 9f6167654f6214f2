"""Edits the second layer and answers nothing of the first, so that company is not compared.

Ends: refused
Reason: always or never
"""


def fit(train, context):
    return {}


def predict(artifact, inputs):
    if "norm" in inputs or inputs["layer"][0] == 0:
        return {}
    return {"log_divisor": inputs["scores"][:, 0]}
