"""Wants the generator's order of the variables, which only a line is told.

Ends: failed
Reason: KeyError: 'order'
"""


def fit(train, context):
    return {"order": train["order"]}
