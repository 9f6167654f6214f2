"""Returns the start.

Ends: ok
Board: below target
"""


def fit(train, context):
    return train
