"""Names an array like a file above its folder.

Ends: refused
Reason: returned an array named '../W'
"""

import numpy as np


def fit(train, context):
    return {"../W": np.zeros((5, 3))}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
