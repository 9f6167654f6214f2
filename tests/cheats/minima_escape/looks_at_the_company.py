r"""Centres its answers on the mean of all questions.

Ends: refused
Reason: predict\['Y'\] must depend on its own question alone
"""

from submissions.baselines.optimization import minima_escape as baseline


def fit(train, context):
    return baseline.fit(train, context)


def predict(artifact, inputs):
    Y = baseline.predict(artifact, inputs)["Y"]
    Y[:, 0] -= Y[:, 0].mean()
    return {"Y": Y}
