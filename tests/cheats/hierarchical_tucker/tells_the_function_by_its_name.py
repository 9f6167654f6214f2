"""Looks for the name of the function's family among the facts.

Ends: failed
Reason: KeyError: 'family'
"""


def fit(train, context):
    return {"pairs": {}, "modsum": {}}[context.facts["family"]]
