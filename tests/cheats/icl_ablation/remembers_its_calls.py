"""Divides by what it has seen in the calls before.

Ends: refused
Reason: must depend on its own question alone
"""

seen = []


def fit(train, context):
    return {}


def predict(artifact, inputs):
    if "norm" in inputs:
        return {}
    seen.append(float(inputs["scores"][:, 0].mean()))
    return {"log_divisor": inputs["scores"][:, 0] * len(seen)}
