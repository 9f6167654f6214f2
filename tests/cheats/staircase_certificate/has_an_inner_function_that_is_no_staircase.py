r"""Returns what it is to show as an inner function.

Ends: refused
Reason: inner0 must be a staircase, but no set with one variable less stands below \{0, 3\}
"""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    return expansions({0b01: 1}, {0b1001: 1})
