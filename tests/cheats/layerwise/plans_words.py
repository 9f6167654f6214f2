"""Plans a word instead of a list.

Ends: refused
Reason: plan must return a list of dicts, got "wide"
"""


def plan(facts):
    return "wide"


def fit(train, context):
    raise AssertionError("won: a word was taken for a plan")
