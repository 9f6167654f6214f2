r"""Answers two numbers a question, where one is asked for.

Ends: refused
Reason: predict\['Y'\] must have shape \(\d+, 1\), got \(\d+, 2\)
"""


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": inputs["X"][:, :2]}
