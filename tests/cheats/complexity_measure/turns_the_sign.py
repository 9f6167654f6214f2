"""Is the best of measures with the wrong sign, which the competition's score does not see.

Ends: ok
Board: below target
"""

from submissions.references.generalization import complexity_measure_shifts as shifts


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"score": -shifts.predict(artifact, inputs)["score"]}
