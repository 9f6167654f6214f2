"""Deep: two squares a product, one neuron a level; shallow: half of the sign vectors.

The sawtooth acts on [0, 1], where relu(t) = t needs no neuron and relu(t - 1) = 0 none either:
g(t) = 2 t - 4 relu(t - 1/2), whose t is passed around. Two neurons hold |u|.
"""

from submissions.baselines.approximation.product_network import ONE, add
from submissions.references.approximation.product_network_halves import halves
from submissions.references.approximation.product_network_two_squares import (
    fewest_levels,
    two_squares,
)


def fit(train, context):
    """Return the network of a cell, whatever its track."""
    if context.facts["track"] == "shallow":
        return halves(train["x"])
    return fewest_levels(context.facts["eps"], context.facts["q"], fold2)


def fold2(wires, x, y, m):
    """Return xy."""
    return two_squares(wires, x, y, m, square)


def square(wires, u, m):
    """Return u^2 by m + 2 neurons."""
    return folded(wires, add((1, wires.relu(u)), (1, wires.relu(add((-1, u))))), m)


def folded(wires, g, m):
    """Return g - sum over s of g_s / 4^s by m neurons."""
    terms = [(1, g)]
    for s in range(1, m + 1):
        fold = wires.relu(add((1, g), (-0.5, {ONE: 1})))
        g = add((2, g), (-4, fold))
        terms.append((-(0.25**s), g))
    return add(*terms)
