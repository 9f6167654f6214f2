r"""Answers no kurtosis and no quantiles.

Ends: refused
Reason: predict\['Y'\] must have shape \(\d+, 9\), got \(\d+, 1\)
"""


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"Y": inputs["X"][:, :1]}
