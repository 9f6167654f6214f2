"""Asks in its plan for most of the sample, in the division where no prior is shown any.

Ends: failed
Reason: KeyError: 'X'
"""

from submissions.baselines.generalization import certificate_open


def plan(facts):
    return [{"prior_share": 0.8}]


def fit(train, context):
    return {"weights": certificate_open.trained(train, context, 5).numpy()}
