"""Declines every cell and hopes to stand where the textbook stands.

Ends: ok
Board: below target
"""


def fit(train, context):
    return {}
