"""Is no line and reads what only a line is told.

Ends: failed
Reason: KeyError: 'family'
"""


def fit(train, context):
    return {"leaves": context.facts["family"]}


def predict(artifact, inputs):
    return {"y": inputs["x"][:, 0]}
