"""Asks for a share of the sample that is not a number.

Ends: refused
Reason: plan
"""

DIVISION = "open"


def plan(facts):
    return [{"prior_share": float("nan")}]


def fit(train, context):
    return {}
