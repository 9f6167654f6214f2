"""Asks the oracle for the examiner's own entries instead of an index.

Ends: refused
Reason: oracle: a question must be {'index': integers of shape
"""

import numpy as np


def fit(train, context):
    context.oracle({"index": train["index"][:1], "truth": np.zeros(1)})
    return {}
