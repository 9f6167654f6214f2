"""Is churn with the wrong sign, which the competition's score does not see.

Ends: ok
Board: below target
"""

from submissions.references.generalization import stability_measure_churn as churn


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": -churn.predict(artifact, inputs)["score"]}
