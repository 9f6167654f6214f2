r"""Answers without numbers, of which no comparison is ever true.

Ends: refused
Reason: predict\['image'\] must be finite
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    return {"image": np.full_like(inputs["image"], np.nan)}
