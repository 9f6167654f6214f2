r"""Returns no array.

Ends: refused
Reason: 'points' must have shape \(s, s \+ 2\) for s stages, got nothing
"""


def fit(train, context):
    return {}
