"""Asks in the open division for the whole sample, so that its prior is free and nothing counts.

Ends: refused
Reason: plan must return .* s from 0 to 0.95, got .*prior_share.: 1.0
"""

from submissions.baselines.generalization import certificate_open

DIVISION = "open"


def plan(facts):
    return [{"prior_share": 1.0}]


def fit(train, context):
    return {"weights": certificate_open.trained(train, context, 5).numpy()}
