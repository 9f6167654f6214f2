"""Returns staircases whose composition is one, too.

Ends: ok
Board: below target
"""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    return expansions({0b01: 1, 0b11: 1}, {0b01: 1}, {0b10: 1})
