"""Returns finite factors whose product is not.

Ends: refused
Reason: the tree contracts to numbers that are not finite or too large
"""

from submissions.baselines.approximation.hierarchical_tucker import constant


def fit(train, context):
    tree = constant(context.facts["shape"], 1e300)
    return tree | {"node0.data": 1e300 * tree["node0.data"]}
