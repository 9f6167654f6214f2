"""Enters the theorem's division with an inner function that has a mean.

Ends: refused
Reason: share no variable, got 1 with a mean and 0 shared variables
"""

from submissions.baselines.optimization.staircase_certificate import expansions

DIVISION = "disjoint"


def fit(train, context):
    return expansions({0b01: -1, 0b11: 1}, {0b01: 1}, {0b00: 1, 0b10: 1})
