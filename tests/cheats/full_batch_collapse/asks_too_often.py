"""Asks once more than its track allows.

Ends: refused
Reason: this run may take 150 updates and no more
"""


def fit(train, context):
    for _ in range(context.facts["budget"] + 1):
        context.oracle(train)
    return train
