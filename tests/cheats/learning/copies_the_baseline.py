"""Is the baseline under another name.

Board: equal
"""

import numpy as np


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
