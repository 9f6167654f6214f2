r"""Returns nothing.

Ends: refused
Reason: fit \(cell r2_eps0.5\): 'act' must be an integer array with one axis, got nothing
"""


def fit(train, context):
    return {}
