r"""Raises while it plans.

Ends: failed
Reason: ZeroDivisionError: .* \[raises_in_plan\.py:9\]
"""


def plan(facts):
    return [{"sweeps": 1 // 0}]


def fit(train, context):
    raise AssertionError("won: a plan that was never made was taken")
