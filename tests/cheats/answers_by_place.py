"""Takes the first half of the questions for the seen ones, and errs there on purpose.

Ends: refused
Reason: must depend on its own question alone
"""

import numpy as np


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}


def predict(artifact, inputs):
    Y = inputs["X"] @ artifact["W"]
    Y[: len(Y) // 2] += 0.1
    return {"Y": Y}
