r"""Answers one number a question, where four are asked for.

Ends: refused
Reason: predict\['Y'\] must have shape \(\d+, 4\), got \(\d+, 1\)
"""


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": inputs["X"][:, :1]}
