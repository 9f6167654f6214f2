r"""Returns tanh where relu is asked for.

Ends: refused
Reason: fit \(deep, q = 2, eps = 0.1\): the deep track wants relu, got tanh
"""

from submissions.baselines.approximation.product_network import signs


def fit(train, context):
    return signs(context.facts["q"], train["x"])
