"""Returns a network of zeros, whose features are all alike.

Ends: ok
Board: below target
"""


def fit(train, context):
    return {name: 0 * W for name, W in train.items()}
