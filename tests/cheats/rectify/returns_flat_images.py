r"""Answers vectors where images are wanted.

Ends: refused
Reason: predict\['image'\] must have shape
"""


def fit(train, context):
    return {}


def predict(artifact, inputs):
    image = inputs["image"]
    return {"image": image.reshape(len(image), -1)}
