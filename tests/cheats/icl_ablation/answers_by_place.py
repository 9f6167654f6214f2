"""Takes rows that come late in a call for those of another sequence.

Ends: refused
Reason: must depend on its own question alone
"""

import numpy as np


def fit(train, context):
    return {}


def predict(artifact, inputs):
    if "norm" in inputs:
        return {}
    return {"log_divisor": np.linspace(0, 5, len(inputs["n"]))}
