r"""Returns a coefficient that is no number.

Ends: refused
Reason: fit\['inner0/denominator'\] must be from 1
"""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    arrays = expansions({0b01: 1}, {0b01: 1})
    arrays["inner0/denominator"][0] = 0
    return arrays
