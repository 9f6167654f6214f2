r"""Answers the numerical rank and not the stable one.

Ends: refused
Reason: predict\['Y'\] must have shape \(\d+, 2\), got \(\d+, 1\)
"""


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": inputs["X"][:, :1]}
