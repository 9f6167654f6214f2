"""Returns the mean of what it was handed, whatever the function.

Ends: ok
Board: below target
"""

from submissions.baselines.approximation.hierarchical_tucker import constant


def fit(train, context):
    return constant(context.facts["shape"], train["value"].mean())
