"""Returns nothing.

Ends: refused
Reason: predict must return a dict of named numpy arrays, got NoneType
"""

import numpy as np


def predict(artifact, inputs):
    return None


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}
