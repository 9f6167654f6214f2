r"""Names an inner function that is not there.

Ends: refused
Reason: fit\['outer/mask'\] must hold different masks from 0 to 2\^1 - 1
"""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    return expansions({0b01: 1, 0b10: 1}, {0b01: 1})
