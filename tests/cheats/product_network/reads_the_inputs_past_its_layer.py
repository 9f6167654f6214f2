"""Lets the output read the inputs, so that two neurons and a line multiply two numbers.

Ends: refused
Reason: in the shallow track the output reads neurons alone
"""

from submissions.baselines.approximation.product_network import network


def fit(train, context):
    if context.facts["track"] == "deep":
        return {}
    scale = 0.1
    layer = [{0: scale, 1: scale}, {0: scale, 1: -scale}]
    weight = 2 / scale**2
    return network([layer], {1: -weight * scale, 2: weight, 3: -weight}, "softplus")
