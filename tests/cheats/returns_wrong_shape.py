r"""Returns one row too few.

Ends: refused
Reason: predict\['Y'\] must have shape \(128, 3\), got \(127, 3\)
"""

import numpy as np


def predict(artifact, inputs):
    return {"Y": (inputs["X"] @ artifact["W"])[1:]}


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}
