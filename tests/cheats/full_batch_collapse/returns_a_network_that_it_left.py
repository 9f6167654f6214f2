"""Descends with momentum, goes back to the start for its last questions, and returns its best.

Ends: ok
Board: below target
"""

from submissions.references.optimization import full_batch_collapse_momentum as momentum


class Half:
    """A context of which half the budget is left for later."""

    def __init__(self, context):
        self.oracle = context.oracle
        self.facts = {**context.facts, "budget": context.facts["budget"] // 2}


def fit(train, context):
    best = momentum.fit(train, Half(context))
    per_update = 1 if context.facts["track"] == "updates" else context.facts["n_samples"]
    for _ in range(context.facts["budget"] // per_update - Half(context).facts["budget"]):
        context.oracle(train)
    return best
