"""Looks for the sample before it lays down its prior.

Ends: failed
Reason: KeyError: 'X'
"""

from submissions.baselines.generalization import certificate_open


def fit(train, context):
    return {"weights": certificate_open.trained(train, context, 5).numpy()}
