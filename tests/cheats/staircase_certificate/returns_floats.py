r"""Returns coefficients that are no fractions, such as might nearly cancel.

Ends: refused
Reason: fit\['outer/numerator'\] must be integer, got float64
"""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    arrays = expansions({0b01: 1, 0b10: 1}, {0b01: 1}, {0b01: 1})
    return arrays | {"outer/numerator": arrays["outer/numerator"] * 1e-300}
