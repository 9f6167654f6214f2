r"""Returns the product of two variables as the outer function, which composes to anything.

Ends: refused
Reason: outer must be a staircase, but no set with one variable less stands below \{0, 1\}
"""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    return expansions({0b11: 1}, {0b01: 1}, {0b10: 1})
