"""Enters the theorem's division with inner functions that share a variable.

Ends: refused
Reason: share no variable, got 0 with a mean and 1 shared variables
"""

from submissions.baselines.optimization.staircase_certificate import expansions

DIVISION = "disjoint"


def fit(train, context):
    return expansions({0b01: 1, 0b10: -1}, {0b01: 1, 0b11: 1}, {0b01: 1})
