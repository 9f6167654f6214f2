"""Returns weights that are not numbers.

Ends: refused
Reason: must be finite, got 4096 NaN
"""


def fit(train, context):
    return {name: W * float("nan") for name, W in train.items()}
