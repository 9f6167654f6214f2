"""Deep: one neuron a level and square, as the inputs pass by; shallow: declined.

As fold2, and |u| = 2 relu(u) - u: fewer neurons, but whoever reads |u| reads u, too.
"""

from submissions.baselines.approximation.product_network import add
from submissions.references.approximation.product_network_fold2 import folded
from submissions.references.approximation.product_network_two_squares import (
    fewest_levels,
    two_squares,
)


def fit(train, context):
    """Return the smallest tree of such products that a search lets pass."""
    if context.facts["track"] == "shallow":
        return {}
    return fewest_levels(context.facts["eps"], context.facts["q"], fold1)


def fold1(wires, x, y, m):
    """Return xy."""
    return two_squares(wires, x, y, m, square)


def square(wires, u, m):
    """Return u^2 by m + 1 neurons."""
    return folded(wires, add((2, wires.relu(u)), (-1, u)), m)
