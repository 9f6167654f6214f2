r"""Is the baseline, less its mean over all that it is asked.

Ends: refused
Reason: predict\['score'\] must depend on its own question alone
"""

from submissions.baselines.generalization import stability_measure as baseline


def fit(train, context):
    return {}


def predict(artifact, inputs):
    score = baseline.predict(artifact, inputs)["score"]
    return {"score": score - score.mean()}
