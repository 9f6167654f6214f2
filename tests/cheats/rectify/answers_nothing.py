r"""Answers no question at all.

Ends: refused
Reason: predict\['image'\] must have shape .*, got \(0, 28, 28\)
"""


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"image": inputs["image"][:0]}
