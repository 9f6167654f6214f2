"""Naive: the balanced tree over the variables as they are numbered, ranks at most 32."""

import numpy as np

from submissions.baselines.approximation.hierarchical_tucker import (
    EPS,
    N_COLUMNS,
    Ask,
    Columns,
    Spent,
    constant,
    leaves,
    rooted,
    unions,
)

MOST = 32


def fit(train, context):
    """Return the balanced tree in the natural order."""
    ask = Ask(context)
    columns = Columns(ask, np.random.default_rng(context.seed), N_COLUMNS)
    try:
        return balanced(ask, range(len(ask.shape)), columns, EPS, MOST)
    except Spent:
        return constant(ask.shape, train["value"].mean())


def balanced(ask, order, columns, eps, most=None):
    """Return the tree that halves `order` again and again."""
    single = leaves(ask, columns, eps, most)
    level = [single[mode] for mode in order]
    while len(level) > 2:
        pairs = list(zip(level[::2], level[1::2], strict=False))
        odd = level[2 * len(pairs) :]
        level = [*unions(ask, pairs, columns, eps, most), *odd]
    return rooted(ask, *level)
