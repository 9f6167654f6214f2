"""Keeps to the updates and asks for more samples than the other track allows.

Ends: refused
Reason: this run may take 2,400 samples and no more
"""


def fit(train, context):
    for _ in range(15):
        context.oracle(train)
    return train
