"""Answers a picture of the sorted pixels: hardly a viewpoint in it, and no object to be seen.

Ends: ok
Board: below target
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    image = inputs["image"]
    return {"image": np.sort(image.reshape(len(image), -1), axis=1).reshape(image.shape)}
