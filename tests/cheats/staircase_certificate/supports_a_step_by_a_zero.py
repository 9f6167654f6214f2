r"""Lays a step of coefficient zero below its set.

Ends: refused
Reason: fit\['outer/numerator'\] must be from 1
"""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    return expansions({0b01: 0, 0b11: 1}, {0b01: 1}, {0b10: 1})
