"""Takes the mean of all questions out of each: an answer depends on what else is asked.

Ends: refused
Reason: must depend on its own question alone
"""


def fit(train, context):
    return {}


def predict(artifact, inputs):
    image = inputs["image"]
    return {"image": image - image.mean(0)}
