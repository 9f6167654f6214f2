r"""Returns functions whose composition would take the examiner an age.

Ends: refused
Reason: inner0 must have 1 to 40 terms
"""

from submissions.baselines.optimization.staircase_certificate import expansions


def fit(train, context):
    return expansions({2**10 - 1: 1}, *[dict.fromkeys(range(1, 1024), 1)] * 10)
