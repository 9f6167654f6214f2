"""Plans a layer wider than the trunk allows.

Ends: refused
Reason: plan: widths must be whole numbers from 1 to 64, got 4096
"""


def plan(facts):
    return [{"widths": [4096]}]


def fit(train, context):
    raise AssertionError("won: a plan beyond the cap was taken")
