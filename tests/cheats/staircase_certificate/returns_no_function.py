"""Returns nothing to compose.

Ends: refused
Reason: wanted are 1 to 10 inner functions, got 0
"""


def fit(train, context):
    return {}
