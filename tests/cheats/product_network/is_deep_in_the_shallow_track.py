r"""Returns a deep network where one hidden layer is asked for.

Ends: refused
Reason: fit \(shallow, q = 2, eps = 0.1\): the shallow track wants one hidden layer, got 4
"""

from submissions.baselines.approximation.product_network import three_squares, tree


def fit(train, context):
    if context.facts["track"] == "deep":
        return {}
    return tree(context.facts["q"], 3, three_squares)
