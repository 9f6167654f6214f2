"""Begins at weights of its own.

Ends: refused
Reason: the first question must be the weights that `train` holds
"""


def fit(train, context):
    context.oracle({name: 0.1 * W for name, W in train.items()})
    return train
