r"""Returns NaN.

Ends: refused
Reason: predict\['Y'\] must be finite, got 1 NaN
"""

import numpy as np


def predict(artifact, inputs):
    outputs = inputs["X"] @ artifact["W"]
    outputs[0, 0] = np.nan
    return {"Y": outputs}


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}
