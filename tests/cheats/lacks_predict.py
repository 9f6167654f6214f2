"""Has no predict.

Ends: refused
Reason: has no function predict
"""

import numpy as np


def fit(train, context):
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}
