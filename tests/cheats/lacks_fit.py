"""Has no fit.

Ends: refused
Reason: has no function fit
"""


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
