"""Answers every accuracy with a grid that is far too fine: it reaches all cells and pays for it.

Ends: ok
"""

from submissions.baselines.approximation.relu_composition import Target, network


def fit(train, context):
    target = Target(train["tables"], context.facts["children"])
    return network(target.nodes(21), target.children)
