r"""Stores the tables, to be interpolated by a program that nobody calls.

Ends: refused
Reason: fit \(cell r2_eps0.5\): 'tables' is no array of a network
"""


def fit(train, context):
    return {"tables": train["tables"]}


def predict(artifact, inputs):
    raise AssertionError("Nobody asks.")
