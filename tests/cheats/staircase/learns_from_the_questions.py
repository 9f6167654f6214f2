r"""Looks at all questions before it answers one.

Ends: refused
Reason: predict\['y'\] must depend on its own question alone
"""


def fit(train, context):
    return {"mean": train["y"].mean()}


def predict(artifact, inputs):
    return {"y": artifact["mean"] + inputs["X"][:, 0] - inputs["X"][:, 0].mean()}
